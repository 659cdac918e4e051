package io.quorate.server.storage.file;

import io.quorate.server.base.Invariant;
import io.quorate.server.base.RandomSource;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that forgets what was not synced, in every way a real one may.
 *
 * <p>Before each operation the hook is called: it may throw {@link CrashError} (the machine stops
 * here; every operation fails until {@link #crash} or {@link #kill}) or an {@link IOException}. At
 * a {@link Operation#SYNC} an IOException is a failed fsync: some pages reach the disk, the rest
 * are dropped and look clean.
 *
 * <ul>
 *   <li>{@link #crash}: power loss. Any subset of unsynced sectors (512 bytes), lengths and
 *       directory operations survives, chosen by the random source.
 *   <li>{@link #kill}: only the process dies. Everything written is still to be read, but what was
 *       not synced stays unsynced.
 * </ul>
 *
 * <p>Deterministic: everything comes from the random source, listing order too. Confined to one
 * thread.
 */
public final class SimDisk implements Disk {
  /** What is about to happen. */
  public enum Operation {
    EXISTS,
    LIST,
    CREATE_DIRECTORY,
    OPEN,
    CREATE,
    RENAME,
    DELETE,
    SYNC_DIRECTORY,
    READ,
    WRITE,
    TRUNCATE,
    SYNC;

    /** Whether the disk is different afterwards; a crash before any other is none of its own. */
    public boolean changes() {
      return this != EXISTS && this != LIST && this != OPEN && this != READ;
    }
  }

  /** Called before every operation. */
  @FunctionalInterface
  public interface Hook {
    /** May throw {@link CrashError} or an {@link IOException}. */
    void before(Operation operation, String name) throws IOException;
  }

  /** A directory: names as processes see them, as they are durable, and the operations between. */
  private static final class Directory {
    final TreeMap<String, Object> seen = new TreeMap<>();
    final TreeMap<String, Object> durable = new TreeMap<>();
  }

  /** One atomic change of names inside a directory, not yet synced. */
  private record Change(
      Directory directory, @Nullable String removed, @Nullable String put, @Nullable Object node) {
    void applyTo(TreeMap<String, Object> names) {
      if (removed != null) {
        names.remove(removed);
      }
      if (put != null && node != null) {
        names.put(put, node);
      }
    }
  }

  private final RandomSource random;
  private final Directory root = new Directory();
  private final List<Change> changes = new ArrayList<>();
  private Hook hook = (operation, name) -> {};
  private boolean tornSectors;
  private boolean down;
  private int life;
  private long operations;
  private long capacityBytes = Long.MAX_VALUE;
  private long refusedWrites;

  public SimDisk(RandomSource random) {
    this.random = random;
  }

  // --- control -----------------------------------------------------------------------------------

  public void setHook(Hook newHook) {
    hook = newHook;
  }

  /** From now on a crash may tear inside a sector, too; content outside the changed bytes stays. */
  public void setTornSectors(boolean torn) {
    tornSectors = torn;
  }

  /** The sum of all file lengths can't grow above this. */
  public void setCapacityBytes(long bytes) {
    capacityBytes = bytes;
  }

  /** Everything else on the disk grows until only so much more fits. */
  public void fillUpTo(long usable) {
    capacityBytes = usedBytes(root) + usable;
  }

  /** Writes that did not fit, so far. */
  public long refusedWrites() {
    return refusedWrites;
  }

  /** Operations begun so far that change the disk. */
  public long operations() {
    return operations;
  }

  /** Stops the machine at the changing operation of this number, 0 being the next. */
  public void crashBefore(long number) {
    long target = operations + number;
    setHook(
        (operation, name) -> {
          if (operation.changes() && operations == target) {
            throw new CrashError("before " + operation + " of " + name);
          }
        });
  }

  /** Power loss, and power on again. Open files are dead; the hook is removed. */
  public void crash() {
    for (Change change : changes) {
      if (random.nextBelow(2) == 0) {
        change.applyTo(change.directory().durable);
      }
    }
    changes.clear();
    crash(root);
    restart();
  }

  private void crash(Directory directory) {
    directory.seen.clear();
    directory.seen.putAll(directory.durable);
    for (Object node : directory.seen.values()) {
      if (node instanceof SimFile file) {
        file.crash(random, tornSectors);
      } else {
        crash((Directory) node);
      }
    }
  }

  /** The process dies and starts again; the machine goes on. Open files are dead. */
  public void kill() {
    restart();
  }

  private void restart() {
    down = false;
    life++;
    setHook((operation, name) -> {});
  }

  /** Damage, or a prepared file: the content becomes what {@code change} makes of it, durably. */
  public void alter(String name, UnaryOperator<byte[]> change) {
    SimFile file = (SimFile) node(name);
    Invariant.check(file != null, "no file %s", name);
    if (file != null) {
      file.replace(change.apply(file.content()));
    }
  }

  public void flipBit(String name, long bit) {
    alter(
        name,
        bytes -> {
          bytes[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
          return bytes;
        });
  }

  /** The present content of a file. */
  public byte[] content(String name) {
    Object file = node(name);
    Invariant.check(file instanceof SimFile, "no file %s", name);
    return file instanceof SimFile found ? found.content() : new byte[0];
  }

  /** Puts a file there, durably, with its directories. */
  public void put(String name, byte[] bytes) {
    Directory at = root;
    String[] parts = name.split("/");
    for (int i = 0; i < parts.length - 1; i++) {
      Directory parent = at;
      at = (Directory) parent.seen.computeIfAbsent(parts[i], key -> new Directory());
      parent.durable.put(parts[i], at);
    }
    SimFile file = new SimFile();
    file.replace(bytes);
    at.seen.put(parts[parts.length - 1], file);
    at.durable.put(parts[parts.length - 1], file);
  }

  /** Takes a name away, durably. */
  public void remove(String name) {
    Directory parent = (Directory) node(parent(name));
    if (parent != null) {
      parent.seen.remove(leaf(name));
      parent.durable.remove(leaf(name));
    }
  }

  /** Paths of all files, sorted. */
  public List<String> files() {
    List<String> files = new ArrayList<>();
    collect(root, "", files);
    return files;
  }

  private static void collect(Directory directory, String prefix, List<String> files) {
    directory.seen.forEach(
        (name, node) -> {
          if (node instanceof Directory below) {
            collect(below, prefix + name + "/", files);
          } else {
            files.add(prefix + name);
          }
        });
  }

  // --- Disk --------------------------------------------------------------------------------------

  @Override
  public boolean exists(String name) throws IOException {
    before(Operation.EXISTS, name);
    return node(name) != null;
  }

  @Override
  public List<String> list(String directory) throws IOException {
    before(Operation.LIST, directory);
    if (!(node(directory) instanceof Directory found)) {
      return List.of();
    }
    List<String> names = new ArrayList<>(found.seen.keySet());
    for (int i = names.size() - 1; i > 0; i--) {
      Collections.swap(names, i, (int) random.nextBelow(i + 1L));
    }
    return names;
  }

  @Override
  public void createDirectory(String name) throws IOException {
    if (name.isEmpty() || node(name) instanceof Directory) {
      return;
    }
    createDirectory(parent(name));
    before(Operation.CREATE_DIRECTORY, name);
    change(directory(parent(name)), null, leaf(name), new Directory());
  }

  @Override
  public File open(String name) throws IOException {
    before(Operation.OPEN, name);
    if (!(node(name) instanceof SimFile file)) {
      throw new NoSuchFileException(name);
    }
    return new Handle(name, file, life);
  }

  @Override
  public File create(String name) throws IOException {
    before(Operation.CREATE, name);
    if (node(name) != null) {
      throw new FileAlreadyExistsException(name);
    }
    SimFile file = new SimFile();
    change(directory(parent(name)), null, leaf(name), file);
    return new Handle(name, file, life);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    before(Operation.RENAME, from);
    Object node = node(from);
    if (node == null) {
      throw new NoSuchFileException(from);
    }
    Invariant.check(
        parent(from).equals(parent(to)), "rename across directories: %s to %s", from, to);
    change(directory(parent(from)), leaf(from), leaf(to), node);
  }

  @Override
  public void delete(String name) throws IOException {
    before(Operation.DELETE, name);
    Object node = node(name);
    if (node == null) {
      throw new NoSuchFileException(name);
    }
    if (node instanceof Directory directory && !directory.seen.isEmpty()) {
      throw new IOException("directory not empty: " + name);
    }
    change(directory(parent(name)), leaf(name), null, null);
  }

  @Override
  public void syncDirectory(String name) throws IOException {
    before(Operation.SYNC_DIRECTORY, name);
    Directory directory = directory(name);
    for (Change change : changes) {
      if (change.directory() == directory) {
        change.applyTo(directory.durable);
      }
    }
    changes.removeIf(change -> change.directory() == directory);
  }

  @Override
  public long usableBytes() {
    return capacityBytes == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : Math.max(0, capacityBytes - usedBytes(root));
  }

  /** Every file with its length, for who wants to know what took the room. */
  public String listing() {
    StringBuilder text = new StringBuilder();
    list(root, "", text);
    return text.toString().trim();
  }

  private static void list(Directory directory, String path, StringBuilder text) {
    directory.seen.forEach(
        (name, node) -> {
          if (node instanceof SimFile file) {
            text.append(path).append(name).append('=').append(file.length()).append(' ');
          } else {
            list((Directory) node, path + name + "/", text);
          }
        });
  }

  private static long usedBytes(Directory directory) {
    long bytes = 0;
    for (Object node : directory.seen.values()) {
      bytes += node instanceof SimFile file ? file.length() : usedBytes((Directory) node);
    }
    return bytes;
  }

  private void before(Operation operation, String name) throws IOException {
    if (down) {
      throw new CrashError("the machine is down: " + operation + " of " + name);
    }
    try {
      hook.before(operation, name);
    } catch (CrashError e) {
      down = true;
      throw e;
    }
    if (operation.changes()) {
      operations++;
    }
  }

  private void change(
      Directory directory, @Nullable String removed, @Nullable String put, @Nullable Object node) {
    Change change = new Change(directory, removed, put, node);
    change.applyTo(directory.seen);
    changes.add(change);
  }

  private Directory directory(String name) throws NoSuchFileException {
    if (node(name) instanceof Directory directory) {
      return directory;
    }
    throw new NoSuchFileException(name);
  }

  private @Nullable Object node(String name) {
    Object node = root;
    if (name.isEmpty()) {
      return node;
    }
    for (String part : name.split("/")) {
      if (!(node instanceof Directory directory)) {
        return null;
      }
      node = directory.seen.get(part);
    }
    return node;
  }

  private static String parent(String name) {
    return name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
  }

  private static String leaf(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** An open file; dead after a crash. */
  private final class Handle implements File {
    private final String name;
    private final SimFile file;
    private final int openedIn;
    private boolean closed;

    Handle(String name, SimFile file, int openedIn) {
      this.name = name;
      this.file = file;
      this.openedIn = openedIn;
    }

    private void enter(Operation operation) throws IOException {
      if (openedIn != life) {
        throw new CrashError("file of a dead process: " + operation + " of " + name);
      }
      if (closed) {
        throw new IOException("closed: " + name);
      }
      before(operation, name);
    }

    @Override
    public long length() throws IOException {
      enter(Operation.READ);
      return file.length();
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
      enter(Operation.READ);
      return file.read(offset, into);
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
      enter(Operation.WRITE);
      long growth = Math.max(0, offset + from.remaining() - file.length());
      long room = usableBytes();
      if (growth > room) {
        long fits = Math.max(0, file.length() + room - offset);
        int limit = from.limit();
        from.limit(from.position() + (int) Math.min(fits, from.remaining()));
        file.write(offset, from);
        from.limit(limit);
        refusedWrites++;
        throw new IOException("No space left on device: " + name);
      }
      file.write(offset, from);
    }

    @Override
    public void truncate(long length) throws IOException {
      enter(Operation.TRUNCATE);
      file.truncate(length);
    }

    @Override
    public void sync() throws IOException {
      try {
        enter(Operation.SYNC);
      } catch (IOException e) {
        file.failSync(random);
        throw e;
      }
      file.sync();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
