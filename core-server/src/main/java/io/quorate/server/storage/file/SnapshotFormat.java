package io.quorate.server.storage.file;

import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.SnapshotMeta;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a snapshot file. It names no history and no node: the same file serves any member.
 *
 * <pre>
 *   header:  magic 8 | version 4 | meta length n 4 | meta n | crc 4 (of all before)
 *   block:   length 4 (1 .. 1 MiB) | crc 4 (of length and bytes) | bytes
 *   footer:  -1 4 | block count 8 | file crc 4 (of every byte before the footer) | crc 4 (of the footer)
 *
 *   meta:    clusterId 8 | zxid 8 | chainHash 8 | timeMillis 8 | stateMachineVersion 4 | digest 8
 *            | boundary count 4 | (lastZxid 8 | chainHash 8) ... | membership
 * </pre>
 *
 * <p>The file ends with the footer; anything after it is damage.
 */
final class SnapshotFormat {
  static final int BLOCK_BYTES_MAX = 1 << 20;
  static final int META_BYTES_MAX = 128 << 10;
  static final int HEADER_START_BYTES = 16;
  static final int BLOCK_HEADER_BYTES = 8;
  static final int FOOTER_BYTES = 20;
  static final int FOOTER_MARK = -1;
  private static final long MAGIC = 0x5152_534E_4150_5348L; // "QRSNAPSH"

  private SnapshotFormat() {}

  static ByteBuffer encodeHeader(SnapshotMeta meta) {
    byte[] membership = meta.membership().encode();
    int length = 48 + 16 * meta.boundaries().size() + membership.length;
    if (meta.boundaries().size() > SnapshotMeta.BOUNDARIES_MAX || length > META_BYTES_MAX) {
      throw new IllegalArgumentException(
          "meta of at most %d bytes and %d boundaries expected, found %d and %d"
              .formatted(
                  META_BYTES_MAX, SnapshotMeta.BOUNDARIES_MAX, length, meta.boundaries().size()));
    }
    ByteBuffer out = ByteBuffer.allocate(HEADER_START_BYTES + length + 4);
    out.putLong(MAGIC).putInt(Superblock.FORMAT_VERSION).putInt(length);
    out.putLong(meta.clusterId()).putLong(meta.zxid()).putLong(meta.chainHash());
    out.putLong(meta.timeMillis()).putInt(meta.stateMachineVersion()).putLong(meta.digest());
    out.putInt(meta.boundaries().size());
    for (EpochBoundary boundary : meta.boundaries()) {
      out.putLong(boundary.lastZxid()).putLong(boundary.chainHash());
    }
    out.put(membership);
    return out.putInt(Crc32c.of(out, 0, out.position())).flip();
  }

  /** Length of the whole header, from its first 16 bytes. */
  static int headerLength(ByteBuffer start) {
    Expect.that(
        start.remaining() == HEADER_START_BYTES,
        "header expected, found %d bytes",
        start.remaining());
    Expect.that(start.getLong(0) == MAGIC, "magic expected, found 0x%x", start.getLong(0));
    int version = start.getInt(8);
    Expect.that(
        version == Superblock.FORMAT_VERSION, "format version 1 expected, found %d", version);
    int length = start.getInt(12);
    Expect.that(
        length > 0 && length <= META_BYTES_MAX,
        "meta length in [1, %d] expected, found %d",
        META_BYTES_MAX,
        length);
    return HEADER_START_BYTES + length + 4;
  }

  static SnapshotMeta decodeHeader(ByteBuffer header) {
    int end = header.remaining() - 4;
    Expect.crc(header.getInt(end), Crc32c.of(header, 0, end));
    ByteBuffer in = header.duplicate().position(HEADER_START_BYTES).limit(end);
    try {
      long clusterId = in.getLong();
      long zxid = in.getLong();
      long chainHash = in.getLong();
      long timeMillis = in.getLong();
      int stateMachineVersion = in.getInt();
      long digest = in.getLong();
      int count = in.getInt();
      Expect.that(
          count >= 0 && count <= SnapshotMeta.BOUNDARIES_MAX,
          "at most %d boundaries expected, found %d",
          SnapshotMeta.BOUNDARIES_MAX,
          count);
      List<EpochBoundary> boundaries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        boundaries.add(new EpochBoundary(in.getLong(), in.getLong()));
      }
      Membership membership = Membership.decode(in);
      Expect.that(!in.hasRemaining(), "end of meta expected, found %d bytes", in.remaining());
      Expect.that(zxid > 0, "positive zxid expected, found %d", zxid);
      return new SnapshotMeta(
          clusterId,
          zxid,
          chainHash,
          timeMillis,
          boundaries,
          membership,
          stateMachineVersion,
          digest);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("meta ends too early", e);
    }
  }

  static ByteBuffer encodeFooter(long blockCount, int fileCrc) {
    ByteBuffer out = ByteBuffer.allocate(FOOTER_BYTES);
    out.putInt(FOOTER_MARK).putLong(blockCount).putInt(fileCrc);
    return out.putInt(Crc32c.of(out, 0, FOOTER_BYTES - 4)).flip();
  }
}
