package io.quorate.server.embedded;

import io.quorate.server.storage.Disk;
import io.quorate.server.storage.file.ForwardingDisk;

/**
 * A disk that leaves syncing to the operating system. What is written survives the end of the
 * process, however abrupt, but not that of the machine: enough for tests, where only processes die.
 */
final class UnsyncedDisk extends ForwardingDisk {
  UnsyncedDisk(Disk disk) {
    super(disk);
  }

  @Override
  protected File wrap(String name, File file) {
    return new UnsyncedFile(file);
  }

  @Override
  public void syncDirectory(String name) {
    // Left to the operating system.
  }

  /** A file of it. */
  private static final class UnsyncedFile extends ForwardingFile {
    UnsyncedFile(File file) {
      super(file);
    }

    @Override
    public void sync() {
      // Left to the operating system.
    }
  }
}
