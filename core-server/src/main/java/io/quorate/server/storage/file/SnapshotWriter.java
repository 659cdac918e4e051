package io.quorate.server.storage.file;

import io.quorate.server.base.Invariant;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Writes a snapshot file, in large pieces from one buffer; synced as it goes, so that its last sync
 * does not hold up those of the log beside it.
 */
final class SnapshotWriter {
  private static final int BUFFER_BYTES = 128 << 10;
  private static final long SYNC_EVERY_BYTES = 16 << 20;

  private final Disk.File file;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final CRC32C fileCrc = new CRC32C();
  private long offset;
  private long synced;
  private long blocks;

  SnapshotWriter(Disk.File file, SnapshotMeta meta) throws IOException {
    this.file = file;
    ByteBuffer header = SnapshotFormat.encodeHeader(meta);
    fileCrc.update(header.duplicate());
    put(header);
  }

  void write(ByteBuffer block) throws IOException {
    int length = block.remaining();
    Invariant.check(
        length > 0 && length <= SnapshotFormat.BLOCK_BYTES_MAX,
        "block length in [1, %d] expected, found %d",
        SnapshotFormat.BLOCK_BYTES_MAX,
        length);
    ByteBuffer head = ByteBuffer.allocate(SnapshotFormat.BLOCK_HEADER_BYTES);
    head.putInt(length).putInt(Crc32c.of(block, block.position(), length, length)).flip();
    fileCrc.update(head.duplicate());
    fileCrc.update(block.duplicate());
    put(head);
    put(block);
    blocks++;
  }

  /** Writes the footer; the file is complete and durable on return. */
  void finish() throws IOException {
    put(SnapshotFormat.encodeFooter(blocks, (int) fileCrc.getValue()));
    flush();
    file.sync();
  }

  private void put(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int part = Math.min(bytes.remaining(), buffer.remaining());
      int limit = bytes.limit();
      buffer.put(bytes.limit(bytes.position() + part));
      bytes.limit(limit);
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    long end = offset + buffer.remaining();
    file.write(offset, buffer);
    buffer.clear();
    offset = end;
    if (offset - synced >= SYNC_EVERY_BYTES) {
      file.sync();
      synced = offset;
    }
  }
}
