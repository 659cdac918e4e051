package io.quorate.server;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.Zxid;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into the log of the process what an operator would ask for.
 *
 * <p>One line says what happened and why, in words, then the facts as {@code key=value} for
 * machines; {@code docs/operations/logs.md} lists the lines. WARN only where a person should act.
 */
final class NodeLog implements NodeObserver {
  private static final Logger LOG = LoggerFactory.getLogger(QuorateServer.class);

  /** An election takes less; who does not serve for longer may need help. */
  private static final long UNSERVED_NANOS_MIN = TimeUnit.SECONDS.toNanos(10);

  private static final long UNSERVED_REPEAT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final long SUMMARY_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Ten times what one input may hold the node thread. */
  private static final long SLOW_TURN_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int EXAMPLES_MAX = 5;

  private final int id;
  private final List<String> expired = new ArrayList<>();
  private final Map<ErrorCode, Long> refusals = new EnumMap<>(ErrorCode.class);
  private String refusalExample = "";
  private long expiries;
  private long slowestTurnNanos;
  private long toldNanos;
  private boolean told;
  private boolean leads;
  private long servedNanos;
  private long unservedToldNanos;
  private boolean unservedTold;
  private boolean begun;

  NodeLog(int id) {
    this.id = id;
  }

  @Override
  public void roleChanged(ReplicaStatus status, String cause) {
    if (cause.isEmpty()) {
      return; // a promise became durable; the line before said for what
    }
    LOG.info(
        "{}; server={} role={} epoch={} leader={} serving={} durable={} committed={}",
        cause,
        id,
        status.role().name().toLowerCase(Locale.ROOT),
        status.epoch(),
        status.leaderId() == 0 ? "none" : status.leaderId(),
        status.serving(),
        Zxid.format(status.durableZxid()),
        Zxid.format(status.committedZxid()));
  }

  @Override
  public void stateLoading(long zxid) {
    LOG.info("loads its state from a snapshot; server={} zxid={}", id, Zxid.format(zxid));
  }

  @Override
  public void stateLoaded(long zxid, long digest) {
    LOG.info("state loaded from a snapshot; server={} zxid={}", id, Zxid.format(zxid));
  }

  @Override
  public void synced(int peer, SyncPlan plan) {
    LOG.info(
        "synchronizes server {} by {}; server={} peer={} from={}",
        peer,
        plan.kind(),
        id,
        peer,
        Zxid.format(plan.zxid()));
  }

  @Override
  public void commandApplied(long zxid, Command command, ApplyResult result) {
    if (leads
        && command instanceof Command.ExpireSession expiry
        && result.answer() instanceof OpResult.Done) {
      expiries++;
      if (expired.size() < EXAMPLES_MAX) {
        expired.add("0x" + Long.toHexString(expiry.sessionId()));
      }
    }
  }

  @Override
  public void refused(ErrorCode code, String reason, String remoteAddress) {
    refusals.merge(code, 1L, Long::sum);
    refusalExample = reason + " (" + remoteAddress + ")";
  }

  @Override
  public void turnTaken(int events, long nanos) {
    if (nanos >= SLOW_TURN_NANOS_MIN) {
      slowestTurnNanos = Math.max(slowestTurnNanos, nanos);
    }
  }

  @Override
  public void turnEnded(NodeStatus status) {
    leads = status.leads();
    watchServing(status);
    long now = status.more().atNanos();
    if (!told || now - toldNanos >= SUMMARY_NANOS) {
      summarize(now);
    }
  }

  /** What may happen very often: at most one line of each kind a second. */
  private void summarize(long now) {
    if (expiries == 0 && refusals.isEmpty() && slowestTurnNanos == 0) {
      return;
    }
    told = true;
    toldNanos = now;
    if (expiries > 0) {
      LOG.info(
          "sessions expired: they were silent for their timeout; server={} count={} sessions={}",
          id,
          expiries,
          expired);
      expiries = 0;
      expired.clear();
    }
    if (!refusals.isEmpty()) {
      LOG.info("clients refused, such as: {}; server={} counts={}", refusalExample, id, refusals);
      refusals.clear();
    }
    if (slowestTurnNanos > 0) {
      LOG.warn(
          "the node thread was held up for {} ms by a pause of the JVM or too much work; server={}",
          TimeUnit.NANOSECONDS.toMillis(slowestTurnNanos),
          id);
      slowestTurnNanos = 0;
    }
  }

  /** Says why, when it lasts. */
  private void watchServing(NodeStatus status) {
    long now = status.more().atNanos();
    if (status.serving() || !begun) {
      if (unservedTold && status.serving()) {
        LOG.info(
            "serves again after {} ms; server={} epoch={} leader={}",
            TimeUnit.NANOSECONDS.toMillis(now - servedNanos),
            id,
            status.replica().epoch(),
            status.replica().leaderId());
      }
      begun = true;
      servedNanos = now;
      unservedTold = false;
    } else if (now - servedNanos >= UNSERVED_NANOS_MIN
        && (!unservedTold || now - unservedToldNanos >= UNSERVED_REPEAT_NANOS)) {
      unservedTold = true;
      unservedToldNanos = now;
      LOG.warn(
          "not serving for {} ms: {}; server={} role={} epoch={} durable={}",
          TimeUnit.NANOSECONDS.toMillis(now - servedNanos),
          status.more().reason(),
          id,
          status.replica().role().name().toLowerCase(Locale.ROOT),
          status.replica().epoch(),
          Zxid.format(status.replica().durableZxid()));
    }
  }

  @Override
  public void diverged(Divergence divergence) {
    LOG.error(
        "diverged: {}; rebuilds it from snapshots up to {} and the log; server={}",
        divergence.describe(),
        Zxid.format(divergence.trustedZxid()),
        id);
  }

  @Override
  public void notice(String text, boolean urgent) {
    if (urgent) {
      LOG.warn("{}; server={}", text, id);
    } else {
      LOG.info("{}; server={}", text, id);
    }
  }

  @Override
  public void linkReset(int peer, String reason) {
    LOG.warn(
        "resets the link with server {}, which sent what can't be: {}; server={} peer={}",
        peer,
        reason,
        id,
        peer);
  }
}
