package io.quorate.server.embedded;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A disk that leaves syncing to the operating system. What is written survives the end of the
 * process, however abrupt, but not that of the machine: enough for tests, where only processes die.
 */
final class UnsyncedDisk implements Disk {
  private final Disk disk;

  UnsyncedDisk(Disk disk) {
    this.disk = disk;
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
    return new UnsyncedFile(disk.open(name));
  }

  @Override
  public File create(String name) throws IOException {
    return new UnsyncedFile(disk.create(name));
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
  public void syncDirectory(String name) {
    // Left to the operating system.
  }

  @Override
  public long usableBytes() throws IOException {
    return disk.usableBytes();
  }

  /** A file of it. */
  private static final class UnsyncedFile implements File {
    private final File file;

    UnsyncedFile(File file) {
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
      file.write(offset, from);
    }

    @Override
    public void truncate(long length) throws IOException {
      file.truncate(length);
    }

    @Override
    public void sync() {
      // Left to the operating system.
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
