package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** What is found without a superblock that names it. */
final class Orphans {
  private Orphans() {}

  /** Whether a history was only just made: it holds no entry, no snapshot and no damage. */
  static boolean isUnused(Disk disk, String directory) throws IOException {
    String first = Layout.segment(Zxid.NONE);
    List<String> names = disk.list(directory);
    for (String name : names) {
      if (!name.equals(first) && !name.equals(first + Layout.TEMPORARY)) {
        return false;
      }
    }
    if (!names.contains(first)) {
      return true;
    }
    try (Disk.File file = disk.open(Layout.path(directory, first))) {
      SegmentScan scan = SegmentScan.of(file, Zxid.NONE, null);
      return scan.count() == 0 && scan.slotsUsed() == 0 && scan.remarks().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Renames something in the root so that nothing takes it for valid, and nothing deletes it. */
  static void moveAside(Disk disk, String name, Consumer<String> report) throws IOException {
    List<String> taken = disk.list(Layout.ROOT);
    String aside = name + Layout.ORPHANED;
    for (int i = 2; taken.contains(aside); i++) {
      aside = name + Layout.ORPHANED + "-" + i;
    }
    disk.rename(name, aside);
    disk.syncDirectory(Layout.ROOT);
    report.accept(name + " is not named by a valid superblock; moved aside as " + aside);
  }
}
