package io.quorate.server.acceptance;

import io.quorate.server.storage.Disk;
import io.quorate.server.storage.file.ForwardingDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that can be told to fail, or to be nearly full, from some moment on. Any thread. */
final class FaultyDisk extends ForwardingDisk {
  static final String SYNC_FAILURE = "Input/output error (injected)";
  static final String WRITE_FAILURE = "No space left on device (injected)";

  private final AtomicInteger failures = new AtomicInteger();
  private volatile boolean syncsFail;
  private volatile boolean writesFail;
  private volatile long usableBytes = Long.MAX_VALUE;

  FaultyDisk(Disk disk) {
    super(disk);
  }

  /** From now on no file is synced. */
  void failSyncs() {
    syncsFail = true;
  }

  /** From now on nothing is written. */
  void failWrites() {
    writesFail = true;
  }

  /** From now on it says that so much can still be written. */
  void sayUsable(long bytes) {
    usableBytes = bytes;
  }

  /** How often it has failed. */
  int failures() {
    return failures.get();
  }

  private void check(boolean fails, String how) throws IOException {
    if (fails) {
      failures.incrementAndGet();
      throw new IOException(how);
    }
  }

  @Override
  protected File wrap(String name, File file) {
    return new FaultyFile(file);
  }

  @Override
  public void syncDirectory(String name) throws IOException {
    check(syncsFail, SYNC_FAILURE);
    super.syncDirectory(name);
  }

  @Override
  public long usableBytes() throws IOException {
    return Math.min(usableBytes, super.usableBytes());
  }

  /** A file of it. */
  private final class FaultyFile extends ForwardingFile {
    FaultyFile(File file) {
      super(file);
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      check(writesFail, WRITE_FAILURE);
      super.write(offset, from);
    }

    @Override
    public void sync() throws IOException {
      check(syncsFail, SYNC_FAILURE);
      super.sync();
    }
  }
}
