package io.quorate.recipes.config;

import io.quorate.client.ClientClosedException;
import io.quorate.client.ConnectionState;
import io.quorate.client.NoNodeException;
import io.quorate.client.OperationException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.client.UnavailableException;
import io.quorate.client.Watch;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.recipes.base.Freshness;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Follows one znode: says what it is, again after each change, and after each interruption.
 *
 * <p>At most one read is under way and one more wanted, so a storm of changes costs as many reads
 * as the server answers one after the other, and the last one shows the last change. A persistent
 * watch is registered before the first read, in one pipeline. From time to time the znode is read
 * without an event, because a lost permission fires none.
 *
 * <p>Confined to the lane.
 */
final class ZnodeFollower {
  private static final Duration PAUSE_FIRST = Duration.ofMillis(50);
  private static final Duration PAUSE_LONGEST = Duration.ofSeconds(5);

  /** Over which the followers of many clients spread that lost the same server. */
  private static final Duration SPREAD = Duration.ofMillis(100);

  /** What the owner is told, on the lane. */
  interface Sink {
    /** This is the znode, or null if there is none. Never older than what was told before. */
    void found(@Nullable Znode znode);

    /** The ensemble refuses to say; it is tried again. */
    void refused(OperationException refusal);

    /** What was told last is complete, after the start or after an interruption. */
    void synced();
  }

  private final QuorateClient client;
  private final String path;
  private final Executor lane;
  private final Duration recheck;
  private final Sink sink;
  private final Freshness freshness;
  private final Pause pause;

  private boolean over;
  private @Nullable Watch watch;
  private @Nullable Subscription states;
  private @Nullable Subscription timer;
  private boolean reading;
  private boolean readAgain;

  /** Whether the owner is to hear of the next answer that it completes something. */
  private boolean syncDue = true;

  /** What was told last is not older than this. */
  private long seenZxid;

  ZnodeFollower(QuorateClient client, String path, Executor lane, Duration recheck, Sink sink) {
    this.client = client;
    this.path = path;
    this.lane = lane;
    this.recheck = recheck;
    this.sink = sink;
    this.freshness = new Freshness(client);
    this.pause = new Pause(client.scheduler(), PAUSE_FIRST, PAUSE_LONGEST);
  }

  /** Any thread. */
  Freshness freshness() {
    return freshness;
  }

  void begin() {
    if (over) {
      return;
    }
    leaveWatch();
    states = client.onStateChange(state -> lane.execute(() -> onState(state)));
    read();
  }

  /** Connected again: the watch goes on without a gap, and a read proves it. */
  private void onState(ConnectionState state) {
    if (!over && state == ConnectionState.CONNECTED && !syncDue) {
      syncDue = true;
      if (reading) {
        readAgain = true;
      } else {
        readIn(Pause.jittered(client.scheduler(), SPREAD));
      }
    }
  }

  private void leaveWatch() {
    Watch left = client.watch(path, event -> lane.execute(() -> onEvent(event)));
    watch = left;
    Settled.then(
        left.registered(),
        lane,
        done -> {},
        failure -> {
          // Unavailable: it is registered as soon as a server answers. Otherwise there is none.
          if (!(failure instanceof UnavailableException) && watch == left) {
            left.close();
            watch = null;
          }
        });
  }

  private void onEvent(ZnodeEvent event) {
    if (over || event.type() == ZnodeEvent.Type.CHILDREN_CHANGED) {
      return;
    }
    if (event.type() == ZnodeEvent.Type.RESYNC) {
      syncDue = true;
      freshness.doubtful();
    } else if (event.zxid() <= seenZxid) {
      return;
    }
    read();
  }

  /** What a write of our own answered; told unless something newer was. */
  void wrote(Znode znode) {
    if (!over && znode.stat().mzxid() > seenZxid) {
      seenZxid = znode.stat().mzxid();
      sink.found(znode);
    }
  }

  private void read() {
    if (over) {
      return;
    }
    if (reading) {
      readAgain = true;
      return;
    }
    if (timer != null) {
      timer.close();
      timer = null;
    }
    if (watch == null) {
      leaveWatch();
    }
    reading = true;
    readAgain = false;
    long sentNanos = client.scheduler().nanoTime();
    Settled.then(
        client.get(path),
        lane,
        znode -> onAnswer(znode, sentNanos),
        failure -> {
          if (failure instanceof NoNodeException) {
            onAnswer(null, sentNanos);
          } else {
            onFailure(failure);
          }
        });
  }

  private void onAnswer(@Nullable Znode znode, long sentNanos) {
    reading = false;
    if (over) {
      return;
    }
    pause.reset();
    boolean stale = znode != null && znode.zxid() < seenZxid;
    if (!stale) {
      seenZxid = znode == null ? seenZxid : znode.zxid();
      sink.found(znode);
      if (!readAgain) {
        freshness.confirmed(sentNanos);
        if (syncDue) {
          syncDue = false;
          sink.synced();
        }
      }
    }
    if (readAgain || stale) {
      read();
    } else {
      readIn(Pause.jittered(client.scheduler(), recheck));
    }
  }

  private void onFailure(Throwable failure) {
    reading = false;
    if (over || failure instanceof ClientClosedException) {
      return;
    }
    if (failure instanceof OperationException refusal) {
      freshness.doubtful();
      syncDue = true;
      sink.refused(refusal);
    }
    readIn(pause.next());
  }

  private void readIn(Duration delay) {
    if (timer != null) {
      timer.close();
    }
    timer = client.scheduler().schedule(delay, () -> lane.execute(this::read));
  }

  void end() {
    over = true;
    if (watch != null) {
      watch.close();
    }
    if (timer != null) {
      timer.close();
    }
    if (states != null) {
      states.close();
    }
  }
}
