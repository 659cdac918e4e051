package io.quorate.server.storage.file;

import io.quorate.server.base.Invariant;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads a snapshot file from start to end and verifies every byte of it. {@link
 * IllegalArgumentException} for damage, with the offset; holds one block at a time.
 */
final class SnapshotReader {
  private final Disk.File file;
  private long length;
  private final SnapshotMeta meta;
  private final CRC32C fileCrc = new CRC32C();
  private long offset;
  private int checksum;
  private long blocks;
  private boolean ended;

  /** Reads the header. */
  SnapshotReader(Disk.File file) throws IOException {
    this.file = file;
    this.length = file.length();
    ByteBuffer start = read(SnapshotFormat.HEADER_START_BYTES);
    ByteBuffer header = read(SnapshotFormat.headerLength(start));
    this.meta = SnapshotFormat.decodeHeader(header);
    advance(header);
  }

  /** The file is longer now than it was. */
  void grown(long newLength) {
    length = newLength;
  }

  /** Whether what is there after the last block is more than a block and the footer can take. */
  boolean hasBlockForCertain() {
    return length - offset
        > SnapshotFormat.BLOCK_HEADER_BYTES
            + SnapshotFormat.BLOCK_BYTES_MAX
            + SnapshotFormat.FOOTER_BYTES;
  }

  /** Reads a whole file, for nothing but to see that it is intact; what it says of itself. */
  static Verified verify(Disk.File file) throws IOException {
    SnapshotReader reader = new SnapshotReader(file);
    while (reader.next() != null) {
      continue;
    }
    return reader.verified();
  }

  /**
   * An intact file.
   *
   * @param checksum of the whole file
   */
  record Verified(SnapshotMeta meta, long length, int checksum) {}

  /** After the last block. */
  Verified verified() {
    Invariant.check(ended, "a snapshot is verified up to offset %d only", offset);
    return new Verified(meta, length, checksum);
  }

  SnapshotMeta meta() {
    return meta;
  }

  /** The next block; null after the last one, once the footer has proven that it was the last. */
  @Nullable ByteBuffer next() throws IOException {
    if (ended) {
      return null;
    }
    ByteBuffer head = read(SnapshotFormat.BLOCK_HEADER_BYTES);
    int blockLength = head.getInt(0);
    if (blockLength == SnapshotFormat.FOOTER_MARK) {
      readFooter();
      ended = true;
      return null;
    }
    at(
        blockLength > 0 && blockLength <= SnapshotFormat.BLOCK_BYTES_MAX,
        "block length in [1, %d] expected, found %d",
        SnapshotFormat.BLOCK_BYTES_MAX,
        blockLength);
    ByteBuffer block = read(SnapshotFormat.BLOCK_HEADER_BYTES + blockLength);
    int crc = Crc32c.of(block, SnapshotFormat.BLOCK_HEADER_BYTES, blockLength, blockLength);
    at(crc == block.getInt(4), "checksum 0x%x expected, found 0x%x", crc, block.getInt(4));
    advance(block);
    blocks++;
    return block.position(SnapshotFormat.BLOCK_HEADER_BYTES).slice();
  }

  private void readFooter() throws IOException {
    ByteBuffer footer = read(SnapshotFormat.FOOTER_BYTES);
    int crc = Crc32c.of(footer, 0, SnapshotFormat.FOOTER_BYTES - 4);
    at(crc == footer.getInt(16), "checksum 0x%x expected, found 0x%x", crc, footer.getInt(16));
    at(blocks == footer.getLong(4), "%d blocks expected, found %d", footer.getLong(4), blocks);
    int fileChecksum = (int) fileCrc.getValue();
    at(
        fileChecksum == footer.getInt(12),
        "file checksum 0x%x expected, found 0x%x",
        footer.getInt(12),
        fileChecksum);
    checksum = fileChecksum;
    offset += SnapshotFormat.FOOTER_BYTES;
    at(offset == length, "end of file expected, found %d more bytes", length - offset);
  }

  private ByteBuffer read(int size) throws IOException {
    at(size <= length - offset, "%d bytes expected, found %d", size, length - offset);
    ByteBuffer in = ByteBuffer.allocate(size);
    Layout.readFully(file, offset, in);
    at(in.remaining() == size, "%d bytes expected, found %d", size, in.remaining());
    return in;
  }

  private void advance(ByteBuffer bytes) {
    fileCrc.update(bytes.duplicate().position(0));
    offset += bytes.limit();
  }

  private void at(boolean condition, String format, Object... args) {
    if (!condition) {
      throw new IllegalArgumentException(
          "at offset " + offset + ": " + String.format(Locale.ROOT, format, args));
    }
  }
}
