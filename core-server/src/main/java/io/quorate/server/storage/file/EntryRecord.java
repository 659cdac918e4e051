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
 *   0        4     8      16
 *   | length | crc | hash | body (length bytes, as LogEntry draws it) |
 * </pre>
 *
 * <p>The CRC32C covers length, hash and body. A record is valid only by length, checksum and chain:
 * the hash must be the one over the predecessor's hash and the body.
 */
final class EntryRecord {
  static final int HEADER_BYTES = 16;

  /** Larger bodies are refused when written, so that any greater length read is damage. */
  static final int BODY_BYTES_MAX = 16 << 20;

  private static final int CRC_OFFSET = 4;

  private EntryRecord() {}

  static int recordLength(int bodyLength) {
    return HEADER_BYTES + bodyLength;
  }

  /** Appends the record of an entry to {@code out}. */
  static void write(ByteBuffer out, LogEntry entry) {
    int start = out.position();
    out.putInt(entry.bodyLength()).putInt(0).putLong(entry.chainHash());
    entry.writeBody(out);
    out.putInt(start + CRC_OFFSET, checksum(out, start, entry.bodyLength()));
  }

  private static int checksum(ByteBuffer bytes, int start, int bodyLength) {
    // The hash is itself a function of length and body; covering hash and body covers the length.
    return Crc32c.of(bytes, start + 8, 8 + bodyLength, bodyLength);
  }

  /**
   * What is wrong with the whole record in {@code bytes[start, start + recordLength)} if it has to
   * follow {@code previousZxid} with {@code previousHash}; empty if nothing is.
   */
  static String problem(
      byte[] bytes, int start, int bodyLength, long previousZxid, long previousHash) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int crc = checksum(in, start, bodyLength);
    if (in.getInt(start + CRC_OFFSET) != crc) {
      return "checksum 0x%x expected, found 0x%x".formatted(crc, in.getInt(start + CRC_OFFSET));
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
    if (in.getLong(start + 8) != hash) {
      return "chain hash 0x%x expected, found 0x%x".formatted(hash, in.getLong(start + 8));
    }
    for (EntryKind kind : EntryKind.values()) {
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
    return ByteBuffer.wrap(bytes).getLong(start + 8);
  }

  /** The entry in a record that has no problem. */
  static LogEntry entry(byte[] bytes, int start, int bodyLength) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int body = start + HEADER_BYTES;
    return new LogEntry(
        in.getLong(body),
        in.getLong(start + 8),
        in.getLong(body + 8),
        EntryKind.ofWireNumber(bytes[body + 16]),
        Arrays.copyOfRange(bytes, body + LogEntry.BODY_HEADER_BYTES, body + bodyLength));
  }
}
