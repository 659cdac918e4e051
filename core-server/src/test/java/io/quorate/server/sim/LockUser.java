package io.quorate.server.sim;

import io.quorate.data.CreateMode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodePath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lock does, by hand: an ephemeral sequential znode, a watch on the predecessor, writes
 * under the guard of the znode's czxid. Holds only while its client is safe by its own clock.
 */
final class LockUser {
  private static final int CHILDREN_MAX = 1_000;

  private final Simulation simulation;
  private final SimClient client;
  private final Workload workload;
  private final Xoshiro256 random;
  private boolean asking;
  private @Nullable String path;
  private long token;
  private boolean holding;
  private int writesLeft;

  LockUser(Simulation simulation, SimClient client, Workload workload, Xoshiro256 random) {
    this.simulation = simulation;
    this.client = client;
    this.workload = workload;
    this.random = random;
  }

  /** Whether the lock is its own, as far as it can know. */
  boolean holds() {
    return holding && client.isSafe();
  }

  long token() {
    return token;
  }

  void sessionLost() {
    released();
  }

  void released() {
    asking = false;
    path = null;
    holding = false;
  }

  /** Begins to compete, unless it does already. */
  void want() {
    if (asking || client.liveSession() == 0) {
      return;
    }
    asking = true;
    Call call =
        workload.write(
            new WriteOp.Create(
                Workload.LOCK + "/n-", workload.tag(), CreateMode.EPHEMERAL_SEQUENTIAL));
    call.then =
        () -> {
          if (call.session != client.liveSession()) {
            return;
          }
          if (asking && call.result instanceof OpResult.Created created) {
            path = created.path();
            token = created.stat().czxid();
            look();
          } else {
            asking = false;
          }
        };
    client.submit(call);
  }

  private void look() {
    String own = path;
    if (own == null) {
      return;
    }
    Call call = workload.read(new ReadOp.Children(Workload.LOCK, "", CHILDREN_MAX), false, false);
    call.then =
        () -> {
          if (own.equals(path) && call.result instanceof OpResult.ChildNames children) {
            judge(own, children.names());
          } else if (own.equals(path)) {
            again();
          }
        };
    client.submit(call);
  }

  private void again() {
    simulation.world().after(50 * SimConfig.MILLI, this::look);
  }

  private void judge(String own, List<String> names) {
    int index = names.indexOf(ZnodePath.name(own));
    if (index < 0) {
      released();
    } else if (index == 0) {
      hold();
    } else {
      Call call =
          workload.read(new ReadOp.Exists(Workload.LOCK + "/" + names.get(index - 1)), false, true);
      call.then =
          () -> {
            SimClient.Watch watch = client.left(call);
            if (!own.equals(path)) {
              return;
            }
            if (watch != null
                && call.result instanceof OpResult.Existence existence
                && existence.stat() != null) {
              watch.then = this::look;
            } else {
              again();
            }
          };
      client.submit(call);
    }
  }

  private void hold() {
    if (holding || !client.isSafe()) {
      if (!holding) {
        again();
      }
      return;
    }
    holding = true;
    simulation.world().marks().hit(Mark.LOCK_HELD);
    simulation.lockTaken(client);
    writesLeft = random.below(4);
    write();
  }

  private void write() {
    String own = path;
    if (own == null) {
      return;
    }
    if (writesLeft-- <= 0) {
      Call call = workload.write(new WriteOp.Delete(own, WriteOp.ANY_VERSION));
      released();
      client.submit(call);
      if (random.chance(1, 3)) {
        client.submit(guarded(own)); // stale: must be refused
      }
      return;
    }
    Call call = guarded(own);
    call.then =
        () -> {
          if (own.equals(path)) {
            simulation
                .world()
                .after(
                    random.around(300 * SimConfig.MILLI),
                    () -> {
                      if (own.equals(path)) {
                        write();
                      }
                    });
          }
        };
    client.submit(call);
  }

  /** A write to the store that counts only while the znode of that token lives. */
  private Call guarded(String own) {
    return workload.write(
        new WriteOp.Multi(
            List.of(
                new WriteOp.CheckCzxid(own, token),
                new WriteOp.SetData(Workload.STORE, workload.tag(), WriteOp.ANY_VERSION))));
  }
}
