package io.quorate.server.base;

import java.util.ArrayList;

/**
 * Says which parts of a copy-on-write structure a living view can still see.
 *
 * <p>Every mutable part carries the generation in which it was made or last copied. {@link #pin}
 * ends a generation: what it made is <em>shared</em> until that pin is closed, and the writer
 * copies it before a change. With no pin open nothing is shared and the writer changes in place.
 *
 * <pre>
 *   stamp &lt;= generation of the newest open pin   shared: copy, stamp the copy with current()
 *   stamp &gt;  generation of the newest open pin   owned by the writer: change in place
 * </pre>
 *
 * <p>Confined to the writer's thread, except for {@link Pin#close}.
 */
public final class Generations {
  private final ArrayList<Pin> pins = new ArrayList<>();
  private long current = 1;
  private long sharedUpTo;

  /** The stamp for parts that are made or copied now. */
  public long current() {
    return current;
  }

  /** Whether a part with that stamp may be seen through an open pin. */
  public boolean isShared(long stamp) {
    if (sharedUpTo != 0 && pins.get(pins.size() - 1).closed) {
      forgetClosedPins();
    }
    return stamp <= sharedUpTo;
  }

  /** Keeps everything reachable now as it is until the pin is closed. */
  public Pin pin() {
    forgetClosedPins();
    Pin pin = new Pin(current);
    pins.add(pin);
    sharedUpTo = current;
    current++;
    return pin;
  }

  private void forgetClosedPins() {
    pins.removeIf(pin -> pin.closed);
    sharedUpTo = pins.isEmpty() ? 0 : pins.get(pins.size() - 1).generation;
  }

  /** Holds a generation. */
  public static final class Pin implements AutoCloseable {
    private final long generation;

    /** Volatile: what the closing thread read happens before what the writer changes in place. */
    private volatile boolean closed;

    private Pin(long generation) {
      this.generation = generation;
    }

    public boolean isClosed() {
      return closed;
    }

    /** Any thread; idempotent. Its thread reads nothing through this pin afterwards. */
    @Override
    public void close() {
      closed = true;
    }
  }
}
