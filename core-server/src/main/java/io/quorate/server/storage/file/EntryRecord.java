package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.base.XxHash64;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.LogEntry;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An entry in a segment.
 *
 * <pre>
 *   0     4        8      16
 *   | crc | length | hash | body (length bytes, as LogEntry draws it) |
 * </pre>
 *
 * <p>The CRC32C covers all that follows it. A record is valid only by length, checksum and chain:
 * the hash must be the one over the predecessor's hash and the body.
 */
final class EntryRecord {
  static final int HEADER_BYTES = 16;

  /** Larger bodies are refused when written, so that any greater length read is damage. */
  static final int BODY_BYTES_MAX = 16 << 20;

  private static final int LENGTH_OFFSET = 4;
  private static final int HASH_OFFSET = 8;
  private static final EntryKind[] KINDS = EntryKind.values();

  private EntryRecord() {}

  static int recordLength(int bodyLength) {
    return HEADER_BYTES + bodyLength;
  }

  /** Appends the record of an entry to {@code out}. */
  static void write(ByteBuffer out, LogEntry entry) {
    int start = out.position();
    out.putInt(0).putInt(entry.bodyLength()).putLong(entry.chainHash());
    entry.writeBody(out);
    out.putInt(start, checksum(out, start, entry.bodyLength()));
  }

  private static int checksum(ByteBuffer bytes, int start, int bodyLength) {
    return Crc32c.of(bytes, start + LENGTH_OFFSET, HEADER_BYTES - LENGTH_OFFSET + bodyLength);
  }

  /** The length of the body that the header of a record claims; not checked in any way. */
  static int claimedLength(byte[] bytes, int start) {
    return ByteBuffer.wrap(bytes).getInt(start + LENGTH_OFFSET);
  }

  /**
   * What is wrong with the whole record in {@code bytes[start, start + recordLength)} if it has to
   * follow {@code previousZxid} with {@code previousHash}; empty if nothing is.
   */
  static String problem(
      byte[] bytes, int start, int bodyLength, long previousZxid, long previousHash) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int crc = checksum(in, start, bodyLength);
    if (in.getInt(start) != crc) {
      return "checksum 0x%x expected, found 0x%x".formatted(crc, in.getInt(start));
    }
    if (in.getInt(start + LENGTH_OFFSET) != bodyLength) {
      return "body of %d bytes expected, found %d"
          .formatted(bodyLength, in.getInt(start + LENGTH_OFFSET));
    }
    int body = start + HEADER_BYTES;
    int payload = bodyLength - LogEntry.BODY_HEADER_BYTES;
    if (in.getInt(body + 17) != payload) {
      return "payload of %d bytes expected, found %d".formatted(payload, in.getInt(body + 17));
    }
    long zxid = in.getLong(body);
    if (zxid <= previousZxid) {
      return "zxid above %s expected, found %s"
          .formatted(Zxid.format(previousZxid), Zxid.format(zxid));
    }
    long hash = XxHash64.hash(bytes, body, bodyLength, previousHash);
    if (in.getLong(start + HASH_OFFSET) != hash) {
      return "chain hash 0x%x expected, found 0x%x"
          .formatted(hash, in.getLong(start + HASH_OFFSET));
    }
    for (EntryKind kind : KINDS) {
      if (kind.wireNumber() == bytes[body + 16]) {
        return "";
      }
    }
    return "known entry kind expected, found " + bytes[body + 16];
  }

  static long zxid(byte[] bytes, int start) {
    return ByteBuffer.wrap(bytes).getLong(start + HEADER_BYTES);
  }

  static long hash(byte[] bytes, int start) {
    return ByteBuffer.wrap(bytes).getLong(start + HASH_OFFSET);
  }

  /** The entry in a record that has no problem. */
  static LogEntry entry(byte[] bytes, int start, int bodyLength) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int body = start + HEADER_BYTES;
    return new LogEntry(
        in.getLong(body),
        in.getLong(start + HASH_OFFSET),
        in.getLong(body + 8),
        EntryKind.ofWireNumber(bytes[body + 16]),
        Arrays.copyOfRange(bytes, body + LogEntry.BODY_HEADER_BYTES, body + bodyLength));
  }
}
