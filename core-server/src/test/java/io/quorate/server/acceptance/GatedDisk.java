package io.quorate.server.acceptance;

import io.quorate.server.storage.Disk;
import io.quorate.server.storage.file.ForwardingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/**
 * A disk that takes a snapshot that is being received up to some offset, and then makes whoever
 * writes on wait for {@link #open}. Any thread.
 */
final class GatedDisk extends ForwardingDisk {
  private static final String RECEIVED = "incoming.tmp";

  private final long offsetMax;
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch opened = new CountDownLatch(1);

  GatedDisk(Disk disk, long offsetMax) {
    super(disk);
    this.offsetMax = offsetMax;
  }

  /** Whether somebody waits. */
  boolean holds() {
    return held.getCount() == 0;
  }

  /** Nobody waits from now on. */
  void open() {
    opened.countDown();
  }

  @Override
  public File create(String name) throws IOException {
    File file = super.create(name);
    return name.endsWith(RECEIVED) ? new GatedFile(file) : file;
  }

  private final class GatedFile extends ForwardingFile {
    GatedFile(File file) {
      super(file);
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      if (offset >= offsetMax) {
        held.countDown();
        try {
          opened.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
      }
      super.write(offset, from);
    }
  }
}
