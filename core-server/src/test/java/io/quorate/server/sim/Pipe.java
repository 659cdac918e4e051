package io.quorate.server.sim;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: first in, first out, delayed, without loss as long as it lives.
 * While its direction is blocked nothing arrives; what was sent waits.
 */
final class Pipe {
  /** What arrives: a message, or the end of the connection. */
  interface Sink {
    void message(byte[] bytes);

    void end();
  }

  private record Item(long arrivalNanos, byte @Nullable [] bytes) {}

  private final World world;
  private final LongSupplier delayNanos;
  private final BooleanSupplier blocked;
  private final Sink sink;
  private final ArrayDeque<Item> inFlight = new ArrayDeque<>();
  private long lastArrivalNanos;
  private boolean closed;
  private boolean ending;

  Pipe(World world, LongSupplier delayNanos, BooleanSupplier blocked, Sink sink) {
    this.world = world;
    this.delayNanos = delayNanos;
    this.blocked = blocked;
    this.sink = sink;
  }

  /** Sends a copy of {@code bytes}. */
  void send(byte[] bytes) {
    if (!ending) {
      add(bytes.clone());
    }
  }

  /** The sender is gone; the receiver learns it after what was sent before. */
  void end() {
    if (!ending) {
      ending = true;
      add(null);
    }
  }

  private void add(byte @Nullable [] bytes) {
    if (closed) {
      return;
    }
    lastArrivalNanos = Math.max(lastArrivalNanos, world.now() + delayNanos.getAsLong());
    inFlight.add(new Item(lastArrivalNanos, bytes));
    world.at(lastArrivalNanos, this::pump);
  }

  /** Loses the newest {@code count} messages under way. */
  void dropNewest(int count) {
    if (ending) {
      return; // the end is last, and is not lost
    }
    for (int i = 0; i < count && !inFlight.isEmpty(); i++) {
      inFlight.removeLast();
    }
  }

  /** Number of messages under way. */
  int inFlight() {
    return inFlight.size();
  }

  /** Nothing arrives any more. */
  void close() {
    closed = true;
    inFlight.clear();
  }

  /** Delivers what is due; to be called when a block ends. */
  void pump() {
    while (!closed && !inFlight.isEmpty() && !blocked.getAsBoolean()) {
      if (inFlight.getFirst().arrivalNanos() > world.now()) {
        return;
      }
      byte[] bytes = inFlight.removeFirst().bytes();
      if (bytes == null) {
        close();
        sink.end();
      } else {
        sink.message(bytes);
      }
    }
  }
}
