package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A disk that lets nothing be changed, whatever the code above it tries. */
record ReadOnlyDisk(Disk disk) implements Disk {
  private static IOException refusal(String what) {
    return new IOException(what + " refused: opened for reading only");
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
    throw refusal("creation of " + name);
  }

  @Override
  public File open(String name) throws IOException {
    return new ReadOnlyFile(name, disk.open(name));
  }

  @Override
  public File create(String name) throws IOException {
    throw refusal("creation of " + name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    throw refusal("rename of " + from);
  }

  @Override
  public void delete(String name) throws IOException {
    throw refusal("delete of " + name);
  }

  @Override
  public void syncDirectory(String name) throws IOException {
    throw refusal("sync of " + name);
  }

  @Override
  public long usableBytes() throws IOException {
    return disk.usableBytes();
  }

  /** A file of it. */
  private record ReadOnlyFile(String name, File file) implements File {
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
      throw refusal("write of " + name);
    }

    @Override
    public void truncate(long length) throws IOException {
      throw refusal("truncation of " + name);
    }

    @Override
    public void sync() throws IOException {
      throw refusal("sync of " + name);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
