package io.quorate.server.transport.client;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What was read from clients and not taken up by the node yet, over all connections, in bytes.
 *
 * <p>A connection with too much of its own waiting is not read until half of that is taken. While
 * all together have too much, nobody who has anything waiting is read: so what waits stays below
 * the bound and one read of the socket, or one frame, for each connection. Whoever is held back has
 * something in the inbox, and goes on at the latest when the node has taken the last of it; nobody
 * waits for anybody else. Thread-safe.
 */
public final class InboundBudget {
  /** Bound for all connections of a server together, bytes. */
  public static final long BYTES_MAX = 64L << 20;

  /** One connection has no more than this part of the bound. */
  private static final int CONNECTION_PART = 16;

  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  /** For so many bytes. */
  public InboundBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** So much more waits, or less if negative. */
  public void add(long difference) {
    bytes.addAndGet(difference);
  }

  /** Whether a connection that is read, with so much waiting, has to be left alone. */
  public boolean holdsBack(long ownBytes) {
    return ownBytes > bytesMax / CONNECTION_PART || (ownBytes > 0 && bytes.get() > bytesMax);
  }

  /** Whether a connection that was left alone, with so much waiting, may be read again. */
  public boolean letsGo(long ownBytes) {
    return ownBytes == 0
        || (ownBytes <= bytesMax / (2 * CONNECTION_PART) && bytes.get() <= bytesMax / 2);
  }

  /** What waits now. */
  public long bytes() {
    return bytes.get();
  }
}
