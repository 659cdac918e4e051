package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.XxHash64;
import java.nio.ByteBuffer;

/**
 * One entry of the replicated log.
 *
 * <p>Its stored body, big-endian, is what checksums and the chain hash cover:
 *
 * <pre>
 *   0        8        16     17          21
 *   | zxid   | time   | kind | length n  | payload (n bytes) |
 * </pre>
 *
 * @param zxid position; strictly increasing, counter 0 only for {@link EntryKind#EPOCH}
 * @param chainHash {@link #chainHash(long, long, long, EntryKind, byte[])} over the predecessor's
 *     chain hash and this body: equal hashes mean equal histories
 * @param timeMillis the leader's wall clock, never less than its predecessor's
 * @param payload owned by the entry; never changed
 */
public record LogEntry(long zxid, long chainHash, long timeMillis, EntryKind kind, byte[] payload) {
  /** Bytes of the body before the payload. */
  public static final int BODY_HEADER_BYTES = 21;

  /** Makes the successor of an entry with {@code previousHash}. */
  public static LogEntry following(
      long previousHash, long zxid, long timeMillis, EntryKind kind, byte[] payload) {
    return new LogEntry(
        zxid, chainHash(previousHash, zxid, timeMillis, kind, payload), timeMillis, kind, payload);
  }

  /** Whether the chain hash is what it must be after {@code previousHash}. */
  public boolean follows(long previousHash) {
    return chainHash == chainHash(previousHash, zxid, timeMillis, kind, payload);
  }

  /** Length of the stored body. */
  public int bodyLength() {
    return BODY_HEADER_BYTES + payload.length;
  }

  /** Appends the stored body to {@code out}. */
  public void writeBody(ByteBuffer out) {
    out.putLong(zxid)
        .putLong(timeMillis)
        .put(kind.wireNumber())
        .putInt(payload.length)
        .put(payload);
  }

  /**
   * The chain hash of an entry after a predecessor with {@code previousHash} (0 for the first entry
   * of all).
   */
  public static long chainHash(
      long previousHash, long zxid, long timeMillis, EntryKind kind, byte[] payload) {
    ByteBuffer body = ByteBuffer.allocate(BODY_HEADER_BYTES + payload.length);
    body.putLong(zxid)
        .putLong(timeMillis)
        .put(kind.wireNumber())
        .putInt(payload.length)
        .put(payload);
    return XxHash64.hash(body.array(), 0, body.position(), previousHash);
  }

  @Override
  public String toString() {
    return kind
        + "@"
        + Zxid.format(zxid)
        + "#"
        + Long.toHexString(chainHash)
        + "("
        + payload.length
        + " bytes)";
  }
}
