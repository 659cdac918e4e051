package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Verifies a snapshot file while it grows, by reading back what is whole of it, so that no step on
 * the log thread reads more than about a piece and a block. Confined to the log thread.
 */
final class IncomingCheck {
  private static final int HEADER_BYTES_MAX =
      SnapshotFormat.HEADER_START_BYTES + SnapshotFormat.META_BYTES_MAX + 4;

  private final Disk.File file;
  private @Nullable SnapshotReader reader;
  private @Nullable IllegalArgumentException damage;

  IncomingCheck(Disk.File file) {
    this.file = file;
  }

  /** The file has this length now. Damage is kept for {@link #finish}. */
  void grown(long length) throws IOException {
    if (damage != null || (reader == null && length < HEADER_BYTES_MAX)) {
      return;
    }
    try {
      SnapshotReader open = opened(length);
      while (open.hasBlockForCertain()) {
        open.next();
      }
    } catch (IllegalArgumentException e) {
      damage = e;
    }
  }

  /**
   * The file is whole.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  SnapshotReader.Verified finish(long length) throws IOException {
    if (damage != null) {
      throw damage;
    }
    SnapshotReader open = opened(length);
    while (open.next() != null) {
      continue;
    }
    return open.verified();
  }

  private SnapshotReader opened(long length) throws IOException {
    SnapshotReader open = reader;
    if (open == null) {
      open = new SnapshotReader(file);
      reader = open;
    }
    open.grown(length);
    return open;
  }
}
