package io.quorate.protocol;

import io.quorate.data.DataLimits;

/**
 * How messages lie in the byte stream of a connection.
 *
 * <pre>
 *  client only, once          then, in both directions, over and over
 * +----+----+----+----+      +----+----+----+----+----------------- - -
 * | D1 | 'Q'| 'R'| 01 |      | length (uint32 BE) | body: one message
 * +----+----+----+----+      +----+----+----+----+----------------- - -
 * </pre>
 *
 * <p>{@code length} counts the body only. A receiver checks it against its limit before it
 * allocates anything.
 */
public final class Framing {
  /** First bytes of a native connection; the last one is {@link ProtocolVersion#CURRENT}. */
  public static final int MAGIC = 0xD1_51_52_00 | ProtocolVersion.CURRENT;

  /** Length of the magic, bytes. */
  public static final int MAGIC_BYTES = 4;

  /** Length of the length field, bytes. */
  public static final int LENGTH_BYTES = 4;

  /** Largest body once a session is open, bytes: the largest data, and room for the rest. */
  public static final int BODY_BYTES_MAX = DataLimits.DATA_BYTES_MAX + (64 << 10);

  /** Largest body from a client whose session is not open yet, bytes. */
  public static final int BODY_BYTES_BEFORE_SESSION_MAX = 1 << 10;

  /** Length of a session's secret, bytes. */
  public static final int SECRET_BYTES = 16;

  /** Largest name of a client, UTF-16 code units. */
  public static final int CLIENT_NAME_CHARS_MAX = 256;

  /** Most operations of a multi. */
  public static final int MULTI_OPS_MAX = 4096;

  /** Most watches in one {@code ResumeWatches}; more go in a further message. */
  public static final int RESUMED_WATCHES_MAX = 4096;

  /** Most names in one page of children. */
  public static final int CHILD_NAMES_MAX = 4096;

  private Framing() {}

  /** The magic as bytes. */
  public static byte[] magic() {
    return new byte[] {
      (byte) (MAGIC >>> 24), (byte) (MAGIC >>> 16), (byte) (MAGIC >>> 8), (byte) MAGIC
    };
  }
}
