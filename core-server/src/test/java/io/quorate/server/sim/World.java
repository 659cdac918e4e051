package io.quorate.server.sim;

import java.io.PrintStream;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Time, chance and record of one run: a heap of events ordered by time and, at the same time, by
 * the order in which they were scheduled. Everything else of a run hangs on one world; no two
 * worlds share anything.
 */
final class World {
  /** One thing that will happen. */
  private record Event(long timeNanos, long seq, Runnable action) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(timeNanos, other.timeNanos);
      return byTime != 0 ? byTime : Long.compare(seq, other.seq);
    }
  }

  private final long seed;
  private final Trace trace;
  private final Marks marks = new Marks();
  private final PriorityQueue<Event> heap = new PriorityQueue<>();
  private long nowNanos;
  private long seq;
  private long steps;

  /**
   * @param log where to print the trace; null for nowhere
   */
  World(long seed, @Nullable PrintStream log) {
    this.seed = seed;
    this.trace = new Trace(log);
  }

  /** The stream of randomness of that name: a fresh one at each call, so keep it. */
  Xoshiro256 random(String name) {
    return Xoshiro256.named(seed, name);
  }

  long seed() {
    return seed;
  }

  /** True time of the run, nanoseconds from 0; servers and clients see it through their clocks. */
  long now() {
    return nowNanos;
  }

  /** Events done so far. */
  long steps() {
    return steps;
  }

  Trace trace() {
    return trace;
  }

  Marks marks() {
    return marks;
  }

  void after(long delayNanos, Runnable action) {
    if (delayNanos < 0) {
      throw new IllegalArgumentException("delay must be 0 or more, found " + delayNanos);
    }
    heap.add(new Event(nowNanos + delayNanos, seq++, action));
  }

  void at(long timeNanos, Runnable action) {
    after(Math.max(0, timeNanos - nowNanos), action);
  }

  /** Does the next event; false if there is none. */
  boolean step() {
    Event event = heap.poll();
    if (event == null) {
      return false;
    }
    nowNanos = event.timeNanos();
    steps++;
    event.action().run();
    return true;
  }

  void note(String text) {
    if (trace.isPrinted()) {
      trace.add(nowNanos, Trace.Kind.NOTE, 0, 0, 0, text);
    }
  }
}
