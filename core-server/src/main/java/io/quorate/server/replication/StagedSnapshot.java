package io.quorate.server.replication;

import io.quorate.data.Zxid;

/**
 * What a follower has of a history that it was being sent when the leader lost track of it.
 *
 * @param file the snapshot that it begins with
 * @param offset so many bytes of it are there
 * @param sealed whether the whole file is there and verified, so that entries may follow
 * @param lastZxid the entry after which it goes on: the snapshot's, or the last one staged after it
 * @param lastHash chain hash of that entry
 */
public record StagedSnapshot(
    SnapshotFile file, long offset, boolean sealed, long lastZxid, long lastHash) {
  /** Nothing. */
  public static final StagedSnapshot NONE =
      new StagedSnapshot(new SnapshotFile(Zxid.NONE, 0, 0), 0, false, Zxid.NONE, 0);

  public StagedSnapshot {
    if (offset < 0 || offset > file.length() || (sealed && offset != file.length())) {
      throw new IllegalArgumentException(
          "offset in [0, %d] expected, found %d%s"
              .formatted(file.length(), offset, sealed ? ", sealed" : ""));
    }
  }

  public boolean isNone() {
    return file.zxid() == Zxid.NONE;
  }

  /** Whether no byte of the file is missing. */
  public boolean isWhole() {
    return !isNone() && offset == file.length();
  }
}
