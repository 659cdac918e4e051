package io.quorate.server.sim;

import io.quorate.server.storage.Disk;
import io.quorate.server.storage.file.ForwardingDisk;

/** A disk on which files of one name are never synced: the double of a lying drive. */
final class ForgetfulDisk extends ForwardingDisk {
  private final String forgotten;

  ForgetfulDisk(Disk real, String forgotten) {
    super(real);
    this.forgotten = forgotten;
  }

  @Override
  protected File wrap(String name, File file) {
    return name.endsWith(forgotten) ? new Unsynced(file) : file;
  }

  private static final class Unsynced extends ForwardingFile {
    Unsynced(File file) {
      super(file);
    }

    @Override
    public void sync() {
      // That is the mistake.
    }
  }
}
