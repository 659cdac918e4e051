package io.quorate.server.acceptance;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that can be told to fail from some moment on. Any thread. */
final class FaultyDisk implements Disk {
  static final String SYNC_FAILURE = "Input/output error (injected)";
  static final String WRITE_FAILURE = "No space left on device (injected)";

  private final Disk disk;
  private final AtomicInteger failures = new AtomicInteger();
  private volatile boolean syncsFail;
  private volatile boolean writesFail;

  FaultyDisk(Disk disk) {
    this.disk = disk;
  }

  /** From now on no file is synced. */
  void failSyncs() {
    syncsFail = true;
  }

  /** From now on nothing is written. */
  void failWrites() {
    writesFail = true;
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
  public boolean exists(String name) throws IOException {
    return disk.exists(name);
  }

  @Override
  public List<String> list(String directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectory(String name) throws IOException {
    disk.createDirectory(name);
  }

  @Override
  public File open(String name) throws IOException {
    return new FaultyFile(disk.open(name));
  }

  @Override
  public File create(String name) throws IOException {
    return new FaultyFile(disk.create(name));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    disk.delete(name);
  }

  @Override
  public void syncDirectory(String name) throws IOException {
    check(syncsFail, SYNC_FAILURE);
    disk.syncDirectory(name);
  }

  @Override
  public long usableBytes() throws IOException {
    return disk.usableBytes();
  }

  /** A file of it. */
  private final class FaultyFile implements File {
    private final File file;

    FaultyFile(File file) {
      this.file = file;
    }

    @Override
    public long length() throws IOException {
      return file.length();
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
      return file.read(offset, into);
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      check(writesFail, WRITE_FAILURE);
      file.write(offset, from);
    }

    @Override
    public void truncate(long length) throws IOException {
      file.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      check(syncsFail, SYNC_FAILURE);
      file.sync();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
