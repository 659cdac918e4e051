package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Real files below one directory, and never outside of it; the only class that touches them. The
 * directory is for its owner alone (mode 0700) and locked against a second process, or a second
 * server in this one.
 */
public final class RealDisk implements Disk, AutoCloseable {
  private static final String LOCK = "lock";

  private final Path root;
  private final @Nullable FileChannel lockFile;

  private RealDisk(Path root, @Nullable FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /**
   * Makes the directory if need be and locks it.
   *
   * @throws StorageException if it is in use, or can't be used
   */
  public static RealDisk open(Path directory) {
    FileChannel channel = null;
    try {
      Path absolute = directory.toAbsolutePath();
      Files.createDirectories(absolute);
      Path root = absolute.toRealPath();
      protect(root);
      channel =
          FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw new StorageException(directory + " is in use by another server");
      }
      return new RealDisk(root, channel);
    } catch (IOException e) {
      throw new StorageException("data directory " + directory + " can't be used: " + e, e);
    }
  }

  /** For looking only: no lock, nothing is created. Every change is refused. */
  public static Disk openReadOnly(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new StorageException("a data directory expected, found none at " + directory);
    }
    return new ReadOnlyDisk(new RealDisk(directory.toAbsolutePath().normalize(), null));
  }

  /**
   * Whether a server has the directory open; keeps no lock. Not for the process of that server: on
   * POSIX systems a process gives up its lock with any channel of the file that it closes.
   */
  public static boolean isInUse(Path directory) {
    Path lock = directory.resolve(LOCK);
    if (!Files.isReadable(lock)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ);
        FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return shared == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      throw new StorageException("lock of " + directory + " can't be tried: " + e, e);
    }
  }

  /** Bytes of the log in a data directory, over all its histories; -1 if it can't be read. */
  public static long logBytes(Path directory) {
    return bytes(directory, Layout::isSegment);
  }

  /** The same of complete snapshots. */
  public static long snapshotBytes(Path directory) {
    return bytes(directory, Layout::isSnapshot);
  }

  /** Files that go while they are counted count for nothing. */
  private static long bytes(Path directory, Predicate<String> counts) {
    long bytes = 0;
    try (Stream<Path> histories = Files.list(directory)) {
      for (Path history : histories.toList()) {
        if (Layout.historyIdOf(String.valueOf(history.getFileName())) >= 0) {
          bytes += bytesOfHistory(history, counts);
        }
      }
    } catch (IOException e) {
      return -1;
    }
    return bytes;
  }

  private static long bytesOfHistory(Path history, Predicate<String> counts) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(history)) {
      for (Path file : files.toList()) {
        if (counts.test(String.valueOf(file.getFileName()))) {
          bytes += sizeOf(file);
        }
      }
    } catch (NoSuchFileException e) {
      return 0;
    }
    return bytes;
  }

  private static long sizeOf(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static void protect(Path root) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(root, PosixFileAttributeView.class);
    if (view != null) {
      view.setPermissions(PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** Inside the root: names come from code and from listings, but a slip must not leave it. */
  private Path path(String name) {
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root)) {
      throw new StorageException("a name inside the data directory expected, found " + name);
    }
    return path;
  }

  @Override
  public boolean exists(String name) {
    return Files.exists(path(name));
  }

  @Override
  public List<String> list(String directory) throws IOException {
    Path path = path(directory);
    List<String> names = new ArrayList<>();
    if (Files.isDirectory(path)) {
      try (Stream<Path> children = Files.list(path)) {
        children.forEach(child -> names.add(child.getFileName().toString()));
      }
    }
    return names;
  }

  @Override
  public void createDirectory(String name) throws IOException {
    Files.createDirectories(path(name));
  }

  @Override
  public File open(String name) throws IOException {
    StandardOpenOption[] options =
        lockFile == null
            ? new StandardOpenOption[] {StandardOpenOption.READ}
            : new StandardOpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE};
    return new OpenFile(name, FileChannel.open(path(name), options));
  }

  @Override
  public File create(String name) throws IOException {
    return new OpenFile(
        name,
        FileChannel.open(
            path(name),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.delete(path(name));
  }

  @Override
  public void syncDirectory(String name) throws IOException {
    try (FileChannel directory = FileChannel.open(path(name), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  @Override
  public long usableBytes() throws IOException {
    return Files.getFileStore(root).getUsableSpace();
  }

  /** Gives the directory free. */
  @Override
  public void close() {
    try {
      if (lockFile != null) {
        lockFile.close();
      }
    } catch (IOException e) {
      throw new StorageException("lock of " + root + " can't be released: " + e, e);
    }
  }

  /** An open file; its errors name it. */
  private static final class OpenFile implements File {
    private final String name;
    private final FileChannel channel;

    OpenFile(String name, FileChannel channel) {
      this.name = name;
      this.channel = channel;
    }

    @Override
    public long length() throws IOException {
      return channel.size();
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
      try {
        return Math.max(0, channel.read(into, offset));
      } catch (IOException e) {
        throw new IOException("read of %s at offset %d: %s".formatted(name, offset, e), e);
      }
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      long at = offset;
      try {
        while (from.hasRemaining()) {
          at += channel.write(from, at);
        }
      } catch (IOException e) {
        throw new IOException("write of %s at offset %d: %s".formatted(name, at, e), e);
      }
    }

    @Override
    public void truncate(long length) throws IOException {
      channel.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      try {
        channel.force(false);
      } catch (IOException e) {
        throw new IOException("sync of %s: %s".formatted(name, e), e);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
