package io.quorate.server.node;

import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.session.SessionInfo;
import io.quorate.server.session.SessionLeases;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What only the established leader does: it remembers when each session was last heard of, and
 * proposes the end of those that were silent for their timeout; it proposes to delete what is at
 * its end. A new leader gives every session a whole fresh timeout. Confined to the node thread.
 *
 * <p>The countdown runs on time that this process was awake for: a step of the clock counts {@link
 * #AWAKE_STEP_MAX_NANOS} at most. After a pause (of the JVM, the machine, the debugger) the pings
 * that waited in the socket buffers are read before anybody is declared dead (R18).
 */
final class LeaderDuties {
  static final long AWAKE_STEP_MAX_NANOS = 100_000_000L;

  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final SessionLeases leases = new SessionLeases();
  private final Sweeper sweeper;
  private boolean leading;
  private long awakeNanos;
  private long lastNanos;

  LeaderDuties(long nowNanos, SweepPolicy sweeps) {
    lastNanos = nowNanos;
    sweeper = new Sweeper(sweeps);
  }

  boolean isLeading() {
    return leading;
  }

  /** Takes up or lays down the duties, as the status says; {@code state} null while loading. */
  void roleChanged(ReplicaStatus status, @Nullable StateMachine state) {
    boolean leads = status.serving() && status.role() == ReplicaStatus.Role.LEADER;
    if (leads == leading) {
      return;
    }
    leading = leads;
    leases.clear();
    sweeper.begin(awakeNanos);
    if (state != null) {
      refresh(state);
    }
  }

  /** The state was replaced: if it leads, every session in it has a fresh timeout. */
  void stateLoaded(StateMachine state) {
    refresh(state);
  }

  private void refresh(StateMachine state) {
    leases.clear();
    if (leading) {
      for (SessionInfo session : state.sessions()) {
        touch(session);
      }
    }
  }

  /** Lets the countdown run up to now. */
  void advance(long nowNanos) {
    awakeNanos += Math.max(0, Math.min(nowNanos - lastNanos, AWAKE_STEP_MAX_NANOS));
    lastNanos = nowNanos;
  }

  /** These sessions pinged. */
  void touched(List<Long> sessionIds, StateMachine state) {
    if (leading) {
      for (long id : sessionIds) {
        touch(id, state);
      }
    }
  }

  /** A command is about to be appended: its session is alive. */
  void heard(Command command, StateMachine state) {
    if (!leading) {
      return;
    }
    switch (command.kind()) {
      case WRITE -> touch(((Command.Write) command).sessionId(), state);
      case REFUSED_WRITE -> touch(((Command.RefusedWrite) command).sessionId(), state);
      case ATTACH_SESSION -> touch(((Command.AttachSession) command).sessionId(), state);
      case OPEN_SESSION, CLOSE_SESSION, EXPIRE_SESSION, SWEEP, RAISE_VERSION -> {}
    }
  }

  /** A command was applied: sessions come and go. */
  void applied(long zxid, Command command, StateMachine state) {
    if (!leading) {
      return;
    }
    switch (command.kind()) {
      case OPEN_SESSION -> touch(zxid, state);
      case ATTACH_SESSION -> touch(((Command.AttachSession) command).sessionId(), state);
      case CLOSE_SESSION -> removeIfGone(((Command.CloseSession) command).sessionId(), state);
      case EXPIRE_SESSION -> removeIfGone(((Command.ExpireSession) command).sessionId(), state);
      case SWEEP -> sweeper.applied();
      case WRITE, REFUSED_WRITE, RAISE_VERSION -> {}
    }
  }

  /**
   * The sessions whose time is up, as commands to append before anything else of this turn: a touch
   * that is confirmed later than that finds the end of its session in the log.
   */
  List<Command> expirations(StateMachine state) {
    if (!leading) {
      return List.of();
    }
    List<Command> expirations = new ArrayList<>();
    for (long id : leases.expired(awakeNanos)) {
      SessionInfo session = state.session(id);
      if (session != null) {
        expirations.add(new Command.ExpireSession(id, session.attachZxid()));
      }
    }
    return expirations;
  }

  /**
   * What is at its end, as a command to append; null if there is nothing.
   *
   * @param wallMillis what the leader would stamp into an entry now
   */
  Command.@Nullable Sweep sweep(StateMachine state, long wallMillis) {
    return leading ? sweeper.next(state, awakeNanos, wallMillis) : null;
  }

  private void touch(long sessionId, StateMachine state) {
    SessionInfo session = state.session(sessionId);
    if (session != null) {
      touch(session);
    }
  }

  private void touch(SessionInfo session) {
    leases.touch(session.id(), session.timeoutMillis() * NANOS_PER_MILLI, awakeNanos);
  }

  private void removeIfGone(long sessionId, StateMachine state) {
    if (state.session(sessionId) == null) {
      leases.remove(sessionId);
    } else {
      // An expiry that came too late, or a close through an older attach: it lives on.
      touch(sessionId, state);
    }
  }
}
