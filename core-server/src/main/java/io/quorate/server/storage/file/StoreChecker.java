package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.replication.LogIdentifiers;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.file.CheckReport.Consequence;
import io.quorate.server.storage.file.CheckReport.Finding;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Verifies every byte of a data directory and says what is wrong where, and what follows from it.
 *
 * <p>Offline: of a directory in use ({@link RealDisk#isInUse}) it may report work under way as
 * damage. Writes nothing; goes on after damage as far as it can; never believes a length that it
 * has not checked.
 */
public final class StoreChecker {
  private final Disk disk;
  private final List<Finding> findings = new ArrayList<>();
  private final List<CheckReport.Snapshot> snapshots = new ArrayList<>();
  private @Nullable Superblock superblock;
  private @Nullable Identity identity;
  private @Nullable LogIdentifiers log;
  private int segments;
  private long holes;

  private StoreChecker(Disk disk) {
    this.disk = new ReadOnlyDisk(disk);
  }

  /** Checks a directory of real files. */
  public static CheckReport check(Path directory) {
    return check(RealDisk.openReadOnly(directory));
  }

  /** Checks what is on a disk. */
  public static CheckReport check(Disk disk) {
    return new StoreChecker(disk).run();
  }

  private CheckReport run() {
    step(Layout.SUPERBLOCK, this::checkSuperblock);
    step(Layout.IDENTITY, this::checkIdentity);
    Superblock current = superblock;
    step(Layout.ROOT, () -> checkRoot(current == null ? 0 : current.historyId()));
    if (current != null) {
      String directory = Layout.history(current.historyId());
      step(directory, () -> checkHistory(directory));
    }
    Identity owner = identity;
    Promise promise = current == null ? null : current.promise();
    LogIdentifiers entries = log == null ? new LogIdentifiers(Zxid.NONE, 0) : log;
    return new CheckReport(
        new CheckReport.Summary(
            promise != null ? promise.clusterId() : owner != null ? owner.clusterId() : 0,
            current != null ? current.nodeId() : owner != null ? owner.nodeId() : 0,
            current == null ? 0 : current.historyId(),
            promise,
            entries.baseZxid(),
            entries.isEmpty() ? Zxid.NONE : entries.zxidAt(0),
            entries.isEmpty() ? Zxid.NONE : entries.lastZxid(),
            segments,
            entries.size(),
            holes,
            snapshots),
        findings);
  }

  private void step(String file, FailureLatch.Action action) {
    try {
      action.run();
    } catch (NoSuchFileException e) {
      found(file, 0, "was deleted while it was looked at", Consequence.IGNORED);
    } catch (IOException e) {
      found(file, 0, "readable file expected, found " + e, Consequence.REFUSED);
    }
  }

  private void found(String file, long offset, String what, Consequence consequence) {
    findings.add(new Finding(file, offset, what, consequence));
  }

  private void checkSuperblock() throws IOException {
    if (!disk.exists(Layout.SUPERBLOCK)) {
      found(Layout.SUPERBLOCK, 0, "superblock expected, found none", Consequence.WIPED);
      return;
    }
    try (Disk.File file = disk.open(Layout.SUPERBLOCK)) {
      Superblock.Found slots = Superblock.read(file);
      superblock = slots.newest();
      Consequence consequence = superblock == null ? Consequence.WIPED : Consequence.REPAIRED;
      for (int i = 0; i < Superblock.SLOTS; i++) {
        String problem = slots.problems()[i];
        if (problem != null) {
          found(Layout.SUPERBLOCK, (long) i * Superblock.SLOT_BYTES, problem, consequence);
        }
      }
    }
  }

  private void checkIdentity() throws IOException {
    identity = Identity.read(disk);
    Superblock current = superblock;
    Promise promise = current == null ? null : current.promise();
    if (current == null || promise == null || promise.clusterId() == 0) {
      return;
    }
    Identity expected = new Identity(promise.clusterId(), current.nodeId());
    if (!expected.equals(identity)) {
      found(
          Layout.IDENTITY,
          0,
          "%s expected as in the superblock, found %s".formatted(expected, identity),
          Consequence.REPAIRED);
    }
  }

  private void checkRoot(long historyId) throws IOException {
    List<String> names = new ArrayList<>(disk.list(Layout.ROOT));
    Collections.sort(names);
    if (historyId > 0 && !names.contains(Layout.history(historyId))) {
      found(
          Layout.history(historyId),
          0,
          "the history that the superblock names expected, found none",
          Consequence.REFUSED);
    }
    for (String name : names) {
      long id = Layout.historyIdOf(name);
      if (name.contains(Layout.ORPHANED)) {
        found(name, 0, "found from before the promise was lost", Consequence.IGNORED);
      } else if (name.endsWith(Layout.TEMPORARY) || (id >= 0 && historyId > 0 && id != historyId)) {
        found(name, 0, "leftover of something unfinished", Consequence.CLEANED);
      } else if (id >= 0 && historyId == 0) {
        found(name, 0, "a superblock naming this history expected, found none", Consequence.WIPED);
      }
    }
  }

  private void checkHistory(String directory) throws IOException {
    List<String> names = new ArrayList<>(disk.list(directory));
    Collections.sort(names);
    for (String name : names) {
      if (name.endsWith(Layout.TEMPORARY)) {
        found(
            Layout.path(directory, name),
            0,
            "leftover of something unfinished",
            Consequence.CLEANED);
      } else if (!Layout.isSegment(name) && !Layout.isSnapshot(name)) {
        found(Layout.path(directory, name), 0, "not a file of ours", Consequence.IGNORED);
      }
    }
    List<Long> predecessors = Layout.segments(disk, directory);
    if (predecessors.isEmpty() && !names.isEmpty()) {
      found(directory, 0, "at least one log segment expected, found none", Consequence.REFUSED);
    }
    for (int i = 0; i < predecessors.size(); i++) {
      long predecessor = predecessors.get(i);
      long following = i == predecessors.size() - 1 ? Zxid.NONE : predecessors.get(i + 1);
      String name = Layout.path(directory, Layout.segment(predecessor));
      step(
          name,
          () ->
              checkSegment(
                  name,
                  predecessor,
                  following == Zxid.NONE ? null : LogRecovery.header(disk, directory, following)));
    }
    for (long zxid : Layout.snapshots(disk, directory)) {
      String name = Layout.path(directory, Layout.snapshot(zxid));
      step(name, () -> checkSnapshot(name, zxid));
    }
    long newestIntact = Zxid.NONE;
    for (CheckReport.Snapshot snapshot : snapshots) {
      newestIntact = snapshot.intact() ? snapshot.zxid() : newestIntact;
    }
    LogIdentifiers entries = log;
    if (entries != null && entries.baseZxid() > newestIntact) {
      found(
          directory,
          0,
          "an intact snapshot at or above %s expected, where the log begins; newest found: %s"
              .formatted(Zxid.format(entries.baseZxid()), Zxid.format(newestIntact)),
          Consequence.REFUSED);
    }
  }

  private void checkSegment(String name, long predecessor, @Nullable SegmentHeader next)
      throws IOException {
    segments++;
    SegmentScan scan;
    try (Disk.File file = disk.open(name)) {
      scan = SegmentScan.of(file, predecessor, next);
    } catch (IllegalArgumentException e) {
      found(name, 0, String.valueOf(e.getMessage()), Consequence.REFUSED);
      return;
    }
    for (SegmentScan.Remark remark : scan.remarks()) {
      holes += remark.verdict() == Verdict.HOLE ? 1 : 0;
      found(name, remark.offset(), describe(remark), consequence(remark.verdict()));
    }
    SegmentHeader header = scan.header();
    LogIdentifiers entries = log;
    if (entries == null) {
      entries = new LogIdentifiers(header.predecessorZxid(), header.predecessorHash());
      log = entries;
    } else if (entries.lastZxid() != header.predecessorZxid()
        || entries.lastHash() != header.predecessorHash()) {
      found(
          name,
          0,
          "a segment following %s#%x expected, found one following %s#%x"
              .formatted(
                  Zxid.format(entries.lastZxid()),
                  entries.lastHash(),
                  Zxid.format(header.predecessorZxid()),
                  header.predecessorHash()),
          Consequence.REFUSED);
    }
    for (int i = 0; i < scan.count(); i++) {
      if (scan.zxid(i) > entries.lastZxid()) {
        entries.append(scan.zxid(i), scan.hash(i));
      }
    }
  }

  private static String describe(SegmentScan.Remark remark) {
    return remark.zxid() == Zxid.NONE
        ? remark.what()
        : "entry " + Zxid.format(remark.zxid()) + ": " + remark.what();
  }

  private static Consequence consequence(Verdict verdict) {
    return switch (verdict) {
      case HOLE -> Consequence.HOLE;
      case LOST -> Consequence.REFUSED;
      case CUT, END -> Consequence.CLEANED;
      case KEEP, REBUILD -> Consequence.REPAIRED;
    };
  }

  private void checkSnapshot(String name, long zxid) throws IOException {
    try (Disk.File file = disk.open(name)) {
      long bytes = file.length();
      SnapshotMeta meta;
      try {
        meta = SnapshotReader.verify(file).meta();
        Expect.that(
            meta.zxid() == zxid,
            "zxid %s expected, found %s",
            Zxid.format(zxid),
            Zxid.format(meta.zxid()));
      } catch (IllegalArgumentException e) {
        snapshots.add(new CheckReport.Snapshot(zxid, 0, false, bytes));
        found(name, 0, String.valueOf(e.getMessage()), Consequence.SNAPSHOT_LOST);
        return;
      }
      snapshots.add(new CheckReport.Snapshot(zxid, meta.digest(), true, bytes));
      checkPlace(name, meta);
    }
  }

  private void checkPlace(String name, SnapshotMeta meta) {
    LogIdentifiers entries = log;
    if (entries == null || meta.zxid() < entries.baseZxid()) {
      return;
    }
    if (!entries.contains(meta.zxid(), meta.chainHash())) {
      found(
          name,
          0,
          "an entry %s#%x in the log expected, found none; the log ends at %s"
              .formatted(
                  Zxid.format(meta.zxid()), meta.chainHash(), Zxid.format(entries.lastZxid())),
          Consequence.REFUSED);
    }
  }
}
