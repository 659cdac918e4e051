package io.quorate.server.transport.client;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What waits for all clients of a server together. Beyond the bound, whoever has more than a fair
 * share waiting is cut off when it is sent more; those below are not, so that many slow readers
 * don't cost the quick ones their connection. What waits in all stays below one and a half times
 * the bound, as long as twice the connections fit it with their least share. Thread-safe.
 */
public final class OutboundBudget {
  /** A connection with no more than this waiting is never at fault. */
  static final int SHARE_BYTES_LEAST = 16 << 10;

  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();

  /** For so many bytes. */
  public OutboundBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** A connection comes. */
  public void enter() {
    connections.incrementAndGet();
  }

  /** A connection goes; what waited for it was taken off. */
  public void leave() {
    connections.decrementAndGet();
  }

  /** So much more waits, or less if negative. */
  public void add(long difference) {
    bytes.addAndGet(difference);
  }

  /** Whether a connection with so much waiting has to go. */
  public boolean isTooMuch(long waitingBytes) {
    return bytes.get() > bytesMax && waitingBytes > shareBytes();
  }

  private long shareBytes() {
    return Math.max(SHARE_BYTES_LEAST, bytesMax / (2L * Math.max(1, connections.get())));
  }

  /** What waits now. */
  public long bytes() {
    return bytes.get();
  }

  public long bytesMax() {
    return bytesMax;
  }
}
