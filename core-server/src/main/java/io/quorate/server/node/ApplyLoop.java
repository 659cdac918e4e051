package io.quorate.server.node;

import io.quorate.server.base.Invariant;
import io.quorate.server.base.NodeClock;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Committed entries, in order, into the state machine: one turn applies a slice, so that no turn
 * holds the node thread for long. The events of an entry are sent before the next is applied. While
 * a state is being loaded, entries wait. Confined to the node thread.
 */
final class ApplyLoop {
  /** A slice ends after so much time, but for its last entry, which may be a large multi. */
  private static final long SLICE_NANOS_MAX = 3_000_000L;

  /** Between the batches of one entry's events a slice ends sooner: finding them took time, too. */
  private static final long FAN_OUT_NANOS_MAX = 2_000_000L;

  /** A slice ends after so many entries, even where the clock stands still. */
  private static final int SLICE_ENTRIES_MAX = 10_000;

  /** What is to be done with an applied entry. */
  interface Listener {
    void applied(LogEntry entry, Command command, ApplyResult result);

    /** An entry of another kind was passed over. */
    void advanced(LogEntry entry);

    /** Does a slice of what the last entry means to watches; whether there is more. */
    boolean fansOut();

    /** Whether what clients sent had to wait for that. */
    boolean hasWaiting();

    /** An entry can't be applied by the rules that are known here. Nothing is applied any more. */
    void unsupported(LogEntry entry, Command command);
  }

  private final Applier applier;
  private final NodeClock clock;
  private final Listener listener;
  private final ArrayDeque<LogEntry> waiting = new ArrayDeque<>();
  private final int slicesMax;

  /** Whether the last turn ended before what an entry means to watches was done. */
  private boolean fanOutCut;

  private @Nullable StateMachine state;

  /**
   * @param slicesMax slices of work on watches in one turn
   */
  ApplyLoop(
      StateMachine empty, Applier applier, NodeClock clock, int slicesMax, Listener listener) {
    this.slicesMax = slicesMax;
    state = empty;
    this.applier = applier;
    this.clock = clock;
    this.listener = listener;
  }

  boolean isLoading() {
    return state == null;
  }

  /** The live state; illegal while loading. */
  StateMachine state() {
    return Invariant.present(state, "the state is being loaded");
  }

  /** The state is replaced: what waited belongs to the old history. */
  void startLoading() {
    state = null;
    waiting.clear();
  }

  void loaded(StateMachine loaded) {
    state = loaded;
  }

  void deliver(List<LogEntry> entries) {
    waiting.addAll(entries);
  }

  /** Applies a slice; returns whether more can be applied at once. */
  boolean run() {
    StateMachine live = state;
    if (live == null) {
      return false;
    }
    long startNanos = clock.monotonicNanos();
    boolean goesOn = fanOutCut;
    fanOutCut = false;
    int slices = 0;
    for (int done = 0; done < SLICE_ENTRIES_MAX; done++) {
      while (listener.fansOut()) {
        slices++;
        fanOutCut = slices >= slicesMax || clock.monotonicNanos() - startNanos >= FAN_OUT_NANOS_MAX;
        if (fanOutCut) {
          return true;
        }
      }
      if (goesOn && done == 0 && listener.hasWaiting()) {
        return true; // clients that waited come before the next entry, which may make them wait on
      }
      if (waiting.isEmpty()) {
        return false;
      }
      if (done > 0 && clock.monotonicNanos() - startNanos >= SLICE_NANOS_MAX) {
        return true;
      }
      if (!apply(live, waiting.remove())) {
        return false;
      }
    }
    return true;
  }

  private boolean apply(StateMachine live, LogEntry entry) {
    if (entry.kind() != EntryKind.COMMAND) {
      live.advance(entry.zxid(), entry.timeMillis());
      listener.advanced(entry);
      return true;
    }
    Command command = CommandCodec.decode(entry.payload());
    if (!live.supports(command)) {
      waiting.clear();
      listener.unsupported(entry, command);
      return false;
    }
    listener.applied(
        entry, command, applier.apply(live, entry.zxid(), entry.timeMillis(), command));
    return true;
  }
}
