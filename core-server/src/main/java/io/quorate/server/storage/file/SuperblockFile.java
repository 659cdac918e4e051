package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import java.io.IOException;

/** The open superblock file of a directory in use. */
final class SuperblockFile {
  private final Disk.File file;
  private Superblock current;

  /** Where the next write goes: to the slot that nothing depends on. */
  private int staleSlot;

  private SuperblockFile(Disk.File file, Superblock current, int staleSlot) {
    this.file = file;
    this.current = current;
    this.staleSlot = staleSlot;
  }

  /** Makes the file, with both slots saying the same. */
  static SuperblockFile create(Disk disk, Superblock first) throws IOException {
    String temporary = Layout.SUPERBLOCK + Layout.TEMPORARY;
    try (Disk.File file = Layout.createAnew(disk, temporary)) {
      for (int i = 0; i < Superblock.SLOTS; i++) {
        file.write((long) i * Superblock.SLOT_BYTES, first.encode());
      }
      file.sync();
    }
    disk.rename(temporary, Layout.SUPERBLOCK);
    disk.syncDirectory(Layout.ROOT);
    return new SuperblockFile(disk.open(Layout.SUPERBLOCK), first, 0);
  }

  /**
   * Goes on with what was found, made durable anew: a page may have been read from a cache whose
   * write-back failed. The newest slot comes first here, because only the other one is sure to be
   * on the disk.
   */
  static SuperblockFile resume(Disk.File file, Superblock newest, int newestSlot)
      throws IOException {
    SuperblockFile resumed = new SuperblockFile(file, newest, newestSlot);
    resumed.save(newest);
    return resumed;
  }

  Superblock current() {
    return current;
  }

  /** Durable in both slots on return, the staler one first. */
  void save(Superblock superblock) throws IOException {
    for (int i = 0; i < Superblock.SLOTS; i++) {
      file.write((long) staleSlot * Superblock.SLOT_BYTES, superblock.encode());
      file.sync();
      staleSlot = (staleSlot + 1) % Superblock.SLOTS;
    }
    current = superblock;
  }

  void close() throws IOException {
    file.close();
  }
}
