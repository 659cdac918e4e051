package io.quorate.server.sim;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A disk on which files of one name are never synced: the double of a lying drive. */
final class ForgetfulDisk implements Disk {
  private final Disk real;
  private final String forgotten;

  ForgetfulDisk(Disk real, String forgotten) {
    this.real = real;
    this.forgotten = forgotten;
  }

  @Override
  public boolean exists(String name) throws IOException {
    return real.exists(name);
  }

  @Override
  public List<String> list(String directory) throws IOException {
    return real.list(directory);
  }

  @Override
  public void createDirectory(String name) throws IOException {
    real.createDirectory(name);
  }

  @Override
  public File open(String name) throws IOException {
    return wrap(name, real.open(name));
  }

  @Override
  public File create(String name) throws IOException {
    return wrap(name, real.create(name));
  }

  private File wrap(String name, File file) {
    return name.endsWith(forgotten) ? new Unsynced(file) : file;
  }

  @Override
  public void rename(String from, String to) throws IOException {
    real.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    real.delete(name);
  }

  @Override
  public void syncDirectory(String name) throws IOException {
    real.syncDirectory(name);
  }

  @Override
  public long usableBytes() throws IOException {
    return real.usableBytes();
  }

  private record Unsynced(File file) implements File {
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
      // That is the mistake.
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
