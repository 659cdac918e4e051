package io.quorate.server.sim;

import io.quorate.client.session.Credential;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client asks for: few znodes, so that clients meet on them; every create carries a tag of
 * its own, so that it can be found again in the history.
 */
final class Workload {
  /** Parent of the znodes that take unversioned sets only. */
  static final String COUNTERS = "/cnt";

  static final String REGISTERS = "/reg";
  static final String SEQUENCES = "/seq";
  static final String EPHEMERALS = "/eph";
  static final String LOCK = "/lock";
  static final String STORE = "/store";
  static final String SCRATCH = "/tmp";

  private static final int SIBLINGS = 3;

  private static final Identity ALICE = Identity.digest("alice", "a");
  private static final Identity BOB = Identity.digest("bob", "b");

  /** All that access control lists may name. */
  static final List<Identity> IDENTITIES = List.of(Identity.ANYONE, ALICE, BOB);

  private final int client;
  private final Xoshiro256 random;
  private final int[] registerVersions = new int[SIBLINGS];
  private final List<String> sequenced = new ArrayList<>();
  private long number = 1;

  Workload(int client, Xoshiro256 random) {
    this.client = client;
    this.random = random;
  }

  /** What its client presents at every server: nothing, one name or two. */
  List<Credential> credentials() {
    return List.of();
  }

  /** What servers must know its client by. */
  List<Identity> identities() {
    return List.of();
  }

  /** The znodes that everything else happens on, in order. */
  static List<String> foundation() {
    List<String> paths = new ArrayList<>();
    for (String parent :
        List.of(COUNTERS, REGISTERS, SEQUENCES, EPHEMERALS, LOCK, STORE, SCRATCH)) {
      paths.add(parent);
      if (parent.equals(COUNTERS) || parent.equals(REGISTERS)) {
        for (int i = 0; i < SIBLINGS; i++) {
          paths.add(parent + "/" + i);
        }
      }
    }
    return paths;
  }

  /** The create of one of these znodes. */
  Call found(String path) {
    return write(new WriteOp.Create(path, tag(), CreateMode.PERSISTENT));
  }

  /** Any call but those of the lock. */
  Call next() {
    int choice = random.below(100);
    if (choice < 12) {
      return write(new WriteOp.Create(SEQUENCES + "/s-", tag(), CreateMode.PERSISTENT_SEQUENTIAL));
    } else if (choice < 18) {
      return write(
          new WriteOp.Create(
              EPHEMERALS + "/c" + client + "-" + random.below(SIBLINGS),
              tag(),
              CreateMode.EPHEMERAL));
    } else if (choice < 23) {
      return write(new WriteOp.Create(EPHEMERALS + "/e-", tag(), CreateMode.EPHEMERAL_SEQUENTIAL));
    } else if (choice < 29) {
      return write(
          new WriteOp.Create(
              SCRATCH + "/t" + random.below(SIBLINGS), tag(), CreateMode.PERSISTENT));
    } else if (choice < 34) {
      return write(
          new WriteOp.Delete(
              random.chance(1, 8) ? SCRATCH : SCRATCH + "/t" + random.below(SIBLINGS),
              random.chance(1, 2) ? WriteOp.ANY_VERSION : random.below(2)));
    } else if (choice < 46) {
      return write(
          new WriteOp.SetData(COUNTERS + "/" + random.below(SIBLINGS), tag(), WriteOp.ANY_VERSION));
    } else if (choice < 54) {
      int which = random.below(SIBLINGS);
      Call call =
          write(new WriteOp.SetData(REGISTERS + "/" + which, tag(), registerVersions[which]));
      call.then = () -> learnVersion(which, call.result);
      return call;
    } else if (choice < 62) {
      return write(multi());
    } else if (choice < 66 && !sequenced.isEmpty()) {
      return write(
          new WriteOp.Delete(
              sequenced.remove(random.below(sequenced.size())), WriteOp.ANY_VERSION));
    } else if (choice < 95) {
      return read();
    } else {
      return sync();
    }
  }

  /** A linearizable read of something that {@link #change} changes. */
  Call probe() {
    return read(new ReadOp.Get(COUNTERS + "/" + random.below(SIBLINGS)), true, false);
  }

  Call change() {
    return write(
        new WriteOp.SetData(COUNTERS + "/" + random.below(SIBLINGS), tag(), WriteOp.ANY_VERSION));
  }

  private WriteOp multi() {
    List<WriteOp> ops = new ArrayList<>();
    int count = (int) random.between(1, 4);
    for (int i = 0; i < count; i++) {
      int which = random.below(SIBLINGS);
      switch (random.below(7)) {
        case 0 ->
            ops.add(new WriteOp.CheckVersion(REGISTERS + "/" + which, registerVersions[which]));
        case 1 -> ops.add(new WriteOp.SetData(REGISTERS + "/" + which, tag(), WriteOp.ANY_VERSION));
        case 2 -> ops.add(new WriteOp.Create(SCRATCH + "/t" + which, tag(), CreateMode.PERSISTENT));
        case 3 -> ops.add(new WriteOp.Delete(SCRATCH + "/t" + which, WriteOp.ANY_VERSION));
        case 4 ->
            ops.add(new WriteOp.Create(EPHEMERALS + "/m-", tag(), CreateMode.EPHEMERAL_SEQUENTIAL));
        case 5 -> ops.add(new WriteOp.CheckCzxid(REGISTERS + "/" + which, random.between(1, 9)));
        default -> ops.add(new WriteOp.SetData(STORE, tag(), WriteOp.ANY_VERSION));
      }
    }
    return new WriteOp.Multi(ops);
  }

  private Call read() {
    boolean linearizable = random.chance(1, 3);
    boolean watch = random.chance(2, 5);
    int which = random.below(SIBLINGS);
    ReadOp op =
        switch (random.below(7)) {
          case 0 -> new ReadOp.Get(COUNTERS + "/" + which);
          case 1 -> new ReadOp.Get(REGISTERS + "/" + which);
          case 2 -> new ReadOp.Exists(SCRATCH + "/t" + which);
          case 3 -> new ReadOp.Children(EPHEMERALS, "", (int) random.between(2, 100));
          case 4 -> new ReadOp.Children(SCRATCH, "", 100);
          case 5 -> new ReadOp.Get(SCRATCH + "/t" + which);
          default -> new ReadOp.Exists(EPHEMERALS + "/c" + client + "-" + which);
        };
    Call call = read(op, linearizable, watch);
    if (op instanceof ReadOp.Get && op.path().startsWith(REGISTERS)) {
      call.then = () -> learnVersion(which, call.result);
    }
    return call;
  }

  private void learnVersion(int which, @Nullable OpResult result) {
    if (result instanceof OpResult.Data data) {
      registerVersions[which] = data.stat().version();
    } else if (result instanceof OpResult.DataSet set) {
      registerVersions[which] = set.stat().version();
    }
  }

  Call write(WriteOp op) {
    Call call = Call.write(client, number++, op);
    if (op instanceof WriteOp.Create create && create.path().startsWith(SEQUENCES + "/")) {
      call.then =
          () -> {
            if (call.result instanceof OpResult.Created created) {
              sequenced.add(created.path());
            }
          };
    }
    return call;
  }

  Call read(ReadOp op, boolean linearizable, boolean watch) {
    return Call.read(client, number++, op, linearizable, watch);
  }

  Call sync() {
    return Call.sync(client, number++);
  }

  Call close() {
    return Call.close(client, number++);
  }

  /** Data that names this client and the call to come; never twice the same. */
  byte[] tag() {
    return ("c" + client + ":" + tags++).getBytes(StandardCharsets.UTF_8);
  }

  private long tags;
}
