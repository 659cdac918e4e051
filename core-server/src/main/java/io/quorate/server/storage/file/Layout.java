package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Names inside a data directory, and the few moves that all files share. */
final class Layout {
  static final String ROOT = "";
  static final String SUPERBLOCK = "superblock";
  static final String IDENTITY = "identity";
  static final String TEMPORARY = ".tmp";
  static final String ORPHANED = ".orphaned";
  private static final String HISTORY = "history-";
  private static final String SEGMENT = "log-";
  private static final String SEGMENT_END = ".seg";
  private static final String SNAPSHOT = "snap-";
  private static final String SNAPSHOT_END = ".snap";

  private Layout() {}

  static String history(long historyId) {
    return HISTORY + historyId;
  }

  /** The history a directory of the root holds, or -1 if it holds none. */
  static long historyIdOf(String name) {
    String digits = name.startsWith(HISTORY) ? name.substring(HISTORY.length()) : "";
    return digits.matches("[1-9][0-9]{0,17}") ? Long.parseLong(digits) : -1;
  }

  /** A segment is named for the position it follows. */
  static String segment(long predecessorZxid) {
    return SEGMENT + hex(predecessorZxid) + SEGMENT_END;
  }

  static String snapshot(long zxid) {
    return SNAPSHOT + hex(zxid) + SNAPSHOT_END;
  }

  /** Positions named by the segments in a directory, oldest first. */
  static List<Long> segments(Disk disk, String directory) throws IOException {
    return zxids(disk, directory, SEGMENT, SEGMENT_END);
  }

  /** Positions of the snapshots in a directory, oldest first. */
  static List<Long> snapshots(Disk disk, String directory) throws IOException {
    return zxids(disk, directory, SNAPSHOT, SNAPSHOT_END);
  }

  static boolean isSegment(String name) {
    return isNamed(name, SEGMENT, SEGMENT_END);
  }

  static boolean isSnapshot(String name) {
    return isNamed(name, SNAPSHOT, SNAPSHOT_END);
  }

  private static List<Long> zxids(Disk disk, String directory, String start, String end)
      throws IOException {
    List<Long> zxids = new ArrayList<>();
    for (String name : disk.list(directory)) {
      if (isNamed(name, start, end)) {
        zxids.add(Long.parseLong(name, start.length(), start.length() + 16, 16));
      }
    }
    Collections.sort(zxids);
    return zxids;
  }

  private static boolean isNamed(String name, String start, String end) {
    return name.length() == start.length() + 16 + end.length()
        && name.startsWith(start)
        && name.endsWith(end)
        && name.substring(start.length(), start.length() + 16).matches("[0-7][0-9a-f]{15}");
  }

  private static String hex(long zxid) {
    return String.format(Locale.ROOT, "%016x", zxid);
  }

  /** Puts a whole small file there: old or new content after a crash, nothing between. */
  static void replace(Disk disk, String directory, String name, ByteBuffer content)
      throws IOException {
    String path = path(directory, name);
    String temporary = path + TEMPORARY;
    try (Disk.File file = createAnew(disk, temporary)) {
      file.write(0, content);
      file.sync();
    }
    disk.rename(temporary, path);
    disk.syncDirectory(directory);
  }

  /** An empty file of that name, whatever was there before. */
  static Disk.File createAnew(Disk disk, String path) throws IOException {
    if (disk.exists(path)) {
      disk.delete(path);
    }
    return disk.create(path);
  }

  /** Deletes a history directory with all that is in it, and syncs that. */
  static void deleteDirectory(Disk disk, String parent, String name) throws IOException {
    String path = path(parent, name);
    for (String file : disk.list(path)) {
      disk.delete(path(path, file));
    }
    disk.delete(path);
    disk.syncDirectory(parent);
  }

  static String path(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  /** Fills {@code into} from {@code offset} as far as the file goes, and flips it. */
  static void readFully(Disk.File file, long offset, ByteBuffer into) throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int count = file.read(at, into);
      if (count <= 0) {
        break;
      }
      at += count;
    }
    into.flip();
  }
}
