package io.quorate.server.sim;

import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.statemachine.Command;
import java.util.List;
import java.util.TreeMap;

/**
 * E2: a leader proposes the end of a session by expiry only if, by its own monotonic clock, nothing
 * of the session has reached it for the whole time-out, and it has led for as long.
 *
 * <p>A write of the leader's own client counts once it is in the log, from the moment at which it
 * arrived. In between it may wait behind what its connection sent before, or for space on the disk:
 * one that is dropped there was never taken up (seed 0x605 of sync-storm), and one that is appended
 * much later was taken up before (seed 0x52 of low-disk). Pings of such clients are not judged.
 */
final class ExpiryNotEarly extends Checker {
  private static final long MILLI = SimConfig.MILLI;

  private final Ghost ghost;

  /** By server: what it has heard since it began to lead; none for those that do not. */
  private final TreeMap<Integer, Leadership> leaderships = new TreeMap<>();

  /** Times are those of the leader's monotonic clock. */
  private static final class Leadership {
    final long sinceNanos;
    final TreeMap<Long, Long> heardNanos = new TreeMap<>();

    /** By session and number: when a write of the leader's own client arrived first. */
    final TreeMap<Long, TreeMap<Long, Long>> arrivedNanos = new TreeMap<>();

    Leadership(long sinceNanos) {
      this.sinceNanos = sinceNanos;
    }
  }

  ExpiryNotEarly(Ghost ghost) {
    super("E2");
    this.ghost = ghost;
  }

  @Override
  void statusChanged(Machine machine, ReplicaStatus before, ReplicaStatus after) {
    boolean led = before.serving() && before.role() == ReplicaStatus.Role.LEADER;
    boolean leads = after.serving() && after.role() == ReplicaStatus.Role.LEADER;
    if (!leads) {
      leaderships.remove(machine.id());
    } else if (!led) {
      leaderships.put(machine.id(), new Leadership(machine.clock().monotonicNanos()));
    }
  }

  @Override
  void heard(Machine leader, long session) {
    Leadership leadership = leaderships.get(leader.id());
    if (leadership != null) {
      leadership.heardNanos.put(session, leader.clock().monotonicNanos());
    }
  }

  @Override
  void writeArrived(Machine leader, long session, long number) {
    Leadership leadership = leaderships.get(leader.id());
    if (leadership != null) {
      leadership
          .arrivedNanos
          .computeIfAbsent(session, id -> new TreeMap<>())
          .putIfAbsent(number, leader.clock().monotonicNanos());
    }
  }

  @Override
  void proposed(Machine leader, List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      if (entry.kind() == EntryKind.COMMAND) {
        proposed(leader, CommandCodec.decode(entry.payload()));
      }
    }
  }

  private void proposed(Machine leader, Command command) {
    if (command instanceof Command.ExpireSession expire) {
      requireSilence(leader, expire.sessionId());
    } else if (command instanceof Command.Write write) {
      takenUp(leader, write.sessionId(), write.number());
    } else if (command instanceof Command.RefusedWrite refused) {
      takenUp(leader, refused.sessionId(), refused.number());
    }
  }

  private void takenUp(Machine leader, long session, long number) {
    Leadership leadership = leaderships.get(leader.id());
    TreeMap<Long, Long> arrived = leadership == null ? null : leadership.arrivedNanos.get(session);
    Long nanos = arrived == null ? null : arrived.get(number);
    if (leadership != null && nanos != null) {
      leadership.heardNanos.merge(session, nanos, Math::max);
    }
  }

  private void requireSilence(Machine leader, long session) {
    Leadership leadership = leaderships.get(leader.id());
    ReferenceModel.Session known = ghost.model().session(session);
    require(
        leadership != null && known != null,
        leader.id(),
        String.format("proposes the end of session 0x%x, but does not lead or know it", session));
    long now = leader.clock().monotonicNanos();
    long heard = leadership.heardNanos.getOrDefault(session, leadership.sinceNanos);
    require(
        now - heard >= known.timeoutMillis * MILLI,
        leader.id(),
        String.format(
            "proposes the end of session 0x%x after %d ms of %d: leads since %d ms",
            session,
            (now - heard) / MILLI,
            known.timeoutMillis,
            (now - leadership.sinceNanos) / MILLI));
  }
}
