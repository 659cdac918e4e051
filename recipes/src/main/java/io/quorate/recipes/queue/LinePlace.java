package io.quorate.recipes.queue;

import io.quorate.client.ClientClosedException;
import io.quorate.client.NoNodeException;
import io.quorate.client.SessionLoss;
import io.quorate.client.Subscription;
import io.quorate.client.Watch;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.Removal;
import io.quorate.recipes.base.SequentialNames;
import io.quorate.recipes.base.Settled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a line of clients, of whom the first does something for all. Only the next one hears
 * when the first leaves. A place that is lost is taken again at the end of the line, for as long as
 * it is wanted. Confined to the lane.
 */
final class LinePlace {
  private static final String PREFIX = "p-";

  private final QueueCore core;
  private final String directory;
  private final Runnable whenFirst;
  private final Runnable whenNotFirst;

  private boolean wanted;
  private boolean first;
  private int round;
  private int failures;
  private @Nullable String node;
  private long czxid;
  private long sessionId;
  private @Nullable Watch ownWatch;
  private @Nullable Watch predecessorWatch;
  private @Nullable Subscription sessionLost;

  LinePlace(QueueCore core, String directory, Runnable whenFirst, Runnable whenNotFirst) {
    this.core = core;
    this.directory = directory;
    this.whenFirst = whenFirst;
    this.whenNotFirst = whenNotFirst;
  }

  boolean isFirst() {
    return first;
  }

  void join() {
    if (wanted) {
      return;
    }
    wanted = true;
    sessionLost = core.client.onSessionLost(lost -> core.lane.execute(() -> onSessionLost(lost)));
    enqueue();
  }

  void leave() {
    if (!wanted) {
      return;
    }
    wanted = false;
    if (sessionLost != null) {
      sessionLost.close();
      sessionLost = null;
    }
    drop();
    round++;
  }

  private boolean stillIn(int mine) {
    return wanted && mine == round;
  }

  private void enqueue() {
    int mine = ++round;
    byte[] name = core.client.clientName().getBytes(StandardCharsets.UTF_8);
    Settled.then(
        core.patient.create(
            ZnodePath.child(directory, PREFIX), name, CreateMode.EPHEMERAL_SEQUENTIAL),
        core.lane,
        created -> onCreated(mine, created.path(), created.stat()),
        failure -> onFailed(mine, failure));
  }

  private void onCreated(int mine, String path, ZnodeStat stat) {
    if (!stillIn(mine)) {
      remove(path, stat.czxid(), stat.ephemeralOwner());
      return;
    }
    node = path;
    czxid = stat.czxid();
    sessionId = stat.ephemeralOwner();
    if (core.client.sessionId() != sessionId) {
      // Its loss is on its way, or was told before this answer.
      requeue();
      return;
    }
    ownWatch = core.client.watch(path, event -> core.lane.execute(() -> onOwnEvent(mine, event)));
    look(mine);
  }

  private void onFailed(int mine, Throwable failure) {
    if (!stillIn(mine)) {
      return;
    }
    if (QueueCore.isSessionEnd(failure)) {
      enqueue();
    } else if (failure instanceof ClientClosedException) {
      core.clientClosed();
    } else if (failure instanceof NoNodeException && failures < 2) {
      // Twice, for the session may end while the folders are created.
      failures++;
      createFolders(mine);
    } else {
      core.problem("no place in " + directory, failure);
      Subscription timer =
          core.after(
              core.pause(failures++),
              () -> {
                if (stillIn(mine)) {
                  drop();
                  createFolders(mine);
                }
              });
      assert timer != null;
    }
  }

  private void createFolders(int mine) {
    Settled.then(
        core.ensureFolders(),
        core.lane,
        done -> {
          if (stillIn(mine)) {
            enqueue();
          }
        },
        failure -> onFailed(mine, failure));
  }

  private void look(int mine) {
    Settled.then(
        core.patient.children(directory),
        core.lane,
        children -> {
          if (stillIn(mine)) {
            onLine(mine, children.names());
          }
        },
        failure -> {
          if (stillIn(mine) && failure instanceof NoNodeException) {
            requeue();
          } else if (!QueueCore.isSessionEnd(failure)) {
            onFailed(mine, failure);
          }
        });
  }

  private void onLine(int mine, List<String> names) {
    String own = node;
    if (own == null) {
      return;
    }
    String ownName = ZnodePath.name(own);
    Integer number = SequentialNames.number(PREFIX, ownName);
    if (number == null || !names.contains(ownName)) {
      requeue();
      return;
    }
    String before = null;
    Integer beforeNumber = null;
    for (String name : names) {
      Integer other = SequentialNames.number(PREFIX, name);
      if (other != null
          && SequentialNames.isBefore(other, number)
          && (beforeNumber == null || SequentialNames.isBefore(beforeNumber, other))) {
        before = name;
        beforeNumber = other;
      }
    }
    failures = 0;
    close(predecessorWatch);
    predecessorWatch = null;
    if (before == null) {
      if (!first) {
        first = true;
        whenFirst.run();
      }
      return;
    }
    watchPredecessor(mine, ZnodePath.child(directory, before));
  }

  private void watchPredecessor(int mine, String before) {
    predecessorWatch =
        core.client.watch(
            before, event -> core.lane.execute(() -> onPredecessorEvent(mine, event)));
    Settled.then(
        core.patient.exists(before),
        core.lane,
        stat -> {
          if (stillIn(mine) && stat.isEmpty()) {
            look(mine);
          }
        },
        // The session ended, which is told apart.
        failure -> {});
  }

  private void onPredecessorEvent(int mine, ZnodeEvent event) {
    boolean mayBeGone =
        event.type() == ZnodeEvent.Type.DELETED || event.type() == ZnodeEvent.Type.RESYNC;
    if (stillIn(mine) && mayBeGone && !first) {
      core.meters.wokeUp();
      look(mine);
    }
  }

  private void onOwnEvent(int mine, ZnodeEvent event) {
    if (!stillIn(mine)) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.DELETED) {
      requeue();
    } else if (event.type() == ZnodeEvent.Type.RESYNC) {
      look(mine);
    }
  }

  private void onSessionLost(SessionLoss loss) {
    if (wanted && node != null && loss.sessionId() == sessionId) {
      requeue();
    }
  }

  private void requeue() {
    drop();
    enqueue();
  }

  private void drop() {
    close(ownWatch);
    close(predecessorWatch);
    ownWatch = null;
    predecessorWatch = null;
    String own = node;
    node = null;
    if (own != null) {
      remove(own, czxid, sessionId);
    }
    if (first) {
      first = false;
      whenNotFirst.run();
    }
  }

  private void remove(String path, long life, long owner) {
    new Removal(core.client, path, life, owner, List.of(), () -> {}).begin();
  }

  private static void close(@Nullable Watch watch) {
    if (watch != null) {
      watch.close();
    }
  }
}
