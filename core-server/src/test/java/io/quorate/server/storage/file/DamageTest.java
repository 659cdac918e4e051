package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.data.Zxid;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Recovered;
import io.quorate.server.storage.StorageException;
import io.quorate.server.storage.file.CheckReport.Consequence;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Goal: each kind of damage has its promised answer, in recovery and in the checker alike.
 *
 * <p>Method: one data directory with a closed segment, a last segment and two snapshots; damage it,
 * recover, compare with what was written.
 */
class DamageTest {
  private static final String HISTORY = "history-1/";
  private static final String FIRST = HISTORY + "log-0000000000000000.seg";
  private static final int ENTRIES_OFFSET = 8192 + 4096;

  /** Coprime to the length of a record: each of its bytes gets its turn in some record. */
  private static final int ENTRY_STRIDE = 6;

  private static final int RECORD_BYTES = 16 + 21 + 90;

  private final Bench bench = new Bench(5);
  private final SimDisk disk = bench.disk;
  private final List<LogEntry> entries = bench.entries(45, 90);

  /** Writes the directory. The first segment takes 32 entries: that many slots it has. */
  private DamageTest() {
    FileStorage storage = bench.storage();
    storage.recover();
    storage.savePromise(Bench.promise(4));
    storage.append(entries.subList(0, 40));
    storage.sync();
    Bench.snapshot(storage, entries.get(35));
    Bench.snapshot(storage, entries.get(38));
    storage.append(entries.subList(40, 45));
    storage.sync();
    storage.close();
    disk.kill();
  }

  private String lastSegment() {
    return HISTORY + Layout.segment(entries.get(31).zxid());
  }

  private Recovered recover() {
    return bench.storage().recover();
  }

  private void assertWhole(Recovered recovered) {
    assertThat(recovered.holes()).isEmpty();
    assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries));
    assertThat(recovered.promise()).isEqualTo(Bench.promise(4));
  }

  private void assertRefused(String file, String what) {
    assertThat(StoreChecker.check(disk).findings())
        .anyMatch(finding -> finding.consequence() == Consequence.REFUSED);
    assertThatThrownBy(this::recover)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(file)
        .hasMessageContaining(what);
  }

  @Test
  void withoutDamage_everythingIsThere() {
    CheckReport report = StoreChecker.check(disk);
    assertThat(report.findings()).isEmpty();
    assertThat(report.sound()).isTrue();
    CheckReport.Summary summary = report.summary();
    assertThat(summary.clusterId()).isEqualTo(0xC1);
    assertThat(summary.nodeId()).isEqualTo(Bench.NODE);
    assertThat(summary.promise()).isEqualTo(Bench.promise(4));
    assertThat(summary.segments()).isEqualTo(2);
    assertThat(summary.entries()).isEqualTo(45);
    assertThat(summary.firstZxid()).isEqualTo(entries.get(0).zxid());
    assertThat(summary.lastZxid()).isEqualTo(entries.get(44).zxid());
    assertThat(summary.snapshots())
        .extracting(CheckReport.Snapshot::zxid)
        .containsExactly(entries.get(35).zxid(), entries.get(38).zxid());
    assertThat(summary.snapshots().get(1).digest()).isEqualTo(Bench.meta(entries.get(38)).digest());
    assertThat(summary.lines()).hasSize(5);
    assertWhole(recover());
    assertThat(bench.reports).isEmpty();
  }

  // --- torn tail ---------------------------------------------------------------------------------

  @Test
  void tailTornAtEveryByte_isCutWithoutALoss() {
    FileStorage storage = bench.storage();
    storage.recover();
    List<LogEntry> tail = bench.entries(3, 30);
    storage.append(tail);
    // Not synced, so without identifiers: none of it was acknowledged.
    disk.kill();
    String segment = HISTORY + Layout.segment(entries.get(44).zxid());
    byte[] whole = disk.content(segment);
    int record = 16 + 21 + 30;
    for (int written = 0; written <= 3 * record; written++) {
      for (boolean shorter : new boolean[] {true, false}) {
        byte[] torn = Arrays.copyOf(whole, ENTRIES_OFFSET + written);
        disk.put(segment, shorter ? torn : Arrays.copyOf(torn, whole.length));
        assertThat(StoreChecker.check(disk).sound()).isTrue();
        Recovered recovered = recover();
        assertThat(recovered.holes()).isEmpty();
        assertThat(recovered.log().size()).isEqualTo(45 + written / record);
        assertThat(recovered.log().lastHash())
            .isEqualTo(
                written < record
                    ? entries.get(44).chainHash()
                    : tail.get(written / record - 1).chainHash());
      }
    }
  }

  @Test
  void lastSegmentShortened_showsAHoleForEachLostEntry() {
    byte[] whole = disk.content(lastSegment());
    for (int written = 0; written < 13 * RECORD_BYTES; written += ENTRY_STRIDE) {
      disk.put(lastSegment(), Arrays.copyOf(whole, ENTRIES_OFFSET + written));
      Recovered recovered = recover();
      assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries));
      assertThat(recovered.holes()).hasSize(13 - written / RECORD_BYTES);
    }
  }

  // --- one flipped bit, anywhere
  // -------------------------------------------------------------------

  @Test
  void bitFlippedInAnyByteOfASegment_losesNoIdentity() {
    for (String segment : List.of(FIRST, lastSegment())) {
      byte[] whole = disk.content(segment);
      int count = segment.equals(FIRST) ? 32 : 13;
      for (int at = 0; at < ENTRIES_OFFSET + count * RECORD_BYTES; at++) {
        boolean identifiers = at >= 8192 && at < 8192 + count * 32;
        boolean entry = at >= ENTRIES_OFFSET;
        boolean header = at < 44 || (at >= 4096 && at < 4096 + 44);
        if (!header && !identifiers && (!entry || at % ENTRY_STRIDE != 0)) {
          continue;
        }
        disk.put(segment, whole);
        disk.flipBit(segment, at * 8L + at % 8);
        CheckReport report = StoreChecker.check(disk);
        bench.reports.clear();
        Recovered recovered = recover();
        assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries));
        if (entry) {
          int index = (at - ENTRIES_OFFSET) / RECORD_BYTES + (segment.equals(FIRST) ? 0 : 32);
          assertThat(recovered.holes())
              .singleElement()
              .satisfies(
                  hole -> {
                    assertThat(hole.zxid()).isEqualTo(entries.get(index).zxid());
                    assertThat(hole.where()).contains(segment);
                  });
          assertThat(report.findings())
              .singleElement()
              .extracting(CheckReport.Finding::consequence)
              .isEqualTo(Consequence.HOLE);
        } else {
          assertThat(recovered.holes()).isEmpty();
          assertThat(bench.reports).hasSize(1);
          assertThat(report.findings())
              .singleElement()
              .extracting(CheckReport.Finding::consequence)
              .isEqualTo(Consequence.REPAIRED);
        }
        disk.put(segment, whole);
      }
    }
  }

  @Test
  void bitFlippedInAnyByteOfTheSuperblock_isRepairedFromTheOtherSlot() {
    byte[] whole = disk.content(Layout.SUPERBLOCK);
    int length = whole.length - Superblock.SLOT_BYTES;
    for (int at = 0; at < length; at++) {
      for (int slot = 0; slot < 2; slot++) {
        disk.put(Layout.SUPERBLOCK, whole);
        disk.flipBit(Layout.SUPERBLOCK, (slot * (long) Superblock.SLOT_BYTES + at) * 8 + at % 8);
        assertThat(StoreChecker.check(disk).findings())
            .singleElement()
            .extracting(CheckReport.Finding::consequence)
            .isEqualTo(Consequence.REPAIRED);
        assertWhole(recover());
        assertThat(disk.content(Layout.SUPERBLOCK)).isEqualTo(whole);
      }
    }
  }

  @Test
  void bitFlippedInAnyByteOfTheNewestSnapshot_bringsBackTheOneBefore() {
    String newest = HISTORY + Layout.snapshot(entries.get(38).zxid());
    byte[] whole = disk.content(newest);
    for (int at = 0; at < whole.length; at += 1 + at % 3) {
      disk.put(newest, whole);
      disk.flipBit(newest, at * 8L + at % 8);
      assertThat(StoreChecker.check(disk).findings())
          .singleElement()
          .extracting(CheckReport.Finding::consequence)
          .isEqualTo(Consequence.SNAPSHOT_LOST);
      Recovered recovered = recover();
      assertWhole(recovered);
      assertThat(recovered.snapshot()).isEqualTo(Bench.meta(entries.get(35)));
    }
  }

  @Test
  void snapshotShortenedOrLengthened_doesNotCount() {
    String newest = HISTORY + Layout.snapshot(entries.get(38).zxid());
    byte[] whole = disk.content(newest);
    for (int length = 0; length <= whole.length + 1; length += length < 300 ? 1 : 97) {
      if (length != whole.length) {
        disk.put(newest, Arrays.copyOf(whole, length));
        assertThat(recover().snapshot()).isEqualTo(Bench.meta(entries.get(35)));
      }
    }
  }

  // --- zeros, and files that are gone
  // ----------------------------------------------------------------

  @Test
  void zeroedRecord_isAHoleAndNotTheEnd() {
    for (int index : new int[] {0, 7, 31}) {
      alter(FIRST, bytes -> zero(bytes, ENTRIES_OFFSET + index * RECORD_BYTES, RECORD_BYTES));
    }
    alter(lastSegment(), bytes -> zero(bytes, ENTRIES_OFFSET + 12 * RECORD_BYTES, RECORD_BYTES));
    Recovered recovered = recover();
    assertThat(Bench.hashes(recovered)).isEqualTo(Bench.hashes(entries));
    assertThat(recovered.holes())
        .extracting(Recovered.Hole::zxid)
        .containsExactly(
            entries.get(0).zxid(),
            entries.get(7).zxid(),
            entries.get(31).zxid(),
            entries.get(44).zxid());
    // A hole stays a hole.
    assertThat(recover().holes()).isEqualTo(recovered.holes());
  }

  @Test
  void lastAcknowledgedEntryDamagedAfterAPowerLoss_isAHole() {
    FileStorage storage = bench.storage();
    storage.recover();
    storage.append(bench.entries(3, 90));
    storage.sync();
    disk.crash();
    String segment = HISTORY + Layout.segment(entries.get(44).zxid());
    alter(segment, bytes -> zero(bytes, ENTRIES_OFFSET + 2 * RECORD_BYTES, 20));
    assertThat(recover().holes())
        .extracting(Recovered.Hole::zxid)
        .containsExactly(bench.lastZxid());
  }

  @Test
  void noiseInUnusedSlots_isIgnoredInAClosedSegmentAndRefusedInTheLast() {
    SimDisk other = new SimDisk(new SplittableRandom(3)::nextLong);
    Bench own = new Bench(other);
    FileStorage storage = own.storage();
    storage.recover();
    List<LogEntry> written = own.entries(6, 1000);
    storage.append(written);
    storage.sync();
    other.kill();
    // Closed by size after four entries; the header of the next segment says so.
    other.flipBit(FIRST, (8192 + 20 * 32) * 8L);
    assertThat(StoreChecker.check(other).findings()).isEmpty();
    assertThat(Bench.hashes(own.storage().recover())).isEqualTo(Bench.hashes(written));

    disk.flipBit(lastSegment(), (8192 + 20 * 32) * 8L);
    assertRefused(lastSegment(), "nothing tells which");
  }

  @Test
  void zeroedIdentifiers_areRebuilt() {
    alter(FIRST, bytes -> zero(bytes, 8192, 32 * 32));
    alter(lastSegment(), bytes -> zero(bytes, 8192, 32 * 32));
    assertWhole(recover());
  }

  @Test
  void entryAndIdentifierDamagedTogether_isRefused() {
    alter(lastSegment(), bytes -> zero(bytes, 8192 + 5 * 32, 32));
    alter(lastSegment(), bytes -> zero(bytes, ENTRIES_OFFSET + 5 * RECORD_BYTES, 30));
    assertRefused(lastSegment(), "nothing tells which");
  }

  @Test
  void entryReplacedByAnotherIntactOne_isAHole() {
    alter(
        FIRST,
        bytes -> {
          System.arraycopy(
              bytes,
              ENTRIES_OFFSET + 9 * RECORD_BYTES,
              bytes,
              ENTRIES_OFFSET + 8 * RECORD_BYTES,
              RECORD_BYTES);
          return bytes;
        });
    assertThat(recover().holes())
        .extracting(Recovered.Hole::zxid)
        .containsExactly(entries.get(8).zxid());
  }

  @Test
  void emptyOrHeaderlessSegment_isRefused() {
    byte[] whole = disk.content(lastSegment());
    disk.put(lastSegment(), new byte[0]);
    assertRefused(lastSegment(), "header");
    disk.put(lastSegment(), zero(whole.clone(), 0, 8192));
    assertRefused(lastSegment(), "header");
    disk.put(lastSegment(), Arrays.copyOf(whole, ENTRIES_OFFSET - 1));
    assertRefused(lastSegment(), "length");
  }

  @Test
  void missingSegment_isRefused() {
    byte[] first = disk.content(FIRST);
    byte[] last = disk.content(lastSegment());
    disk.remove(lastSegment());
    assertRefused(HISTORY.substring(0, 9), "entries were lost");
    disk.remove(FIRST);
    assertRefused("history-1", "log segment");
    disk.put(lastSegment(), last);
    // The snapshots reach over the lost segment, so this is like a log that was purged.
    assertThat(recover().log().baseZxid()).isEqualTo(entries.get(31).zxid());
    disk.put(FIRST, first);
    assertWhole(recover());
  }

  @Test
  void logWithoutTheSnapshotItFollows_isRefused() {
    disk.remove(FIRST);
    disk.remove(HISTORY + Layout.snapshot(entries.get(35).zxid()));
    disk.remove(HISTORY + Layout.snapshot(entries.get(38).zxid()));
    assertRefused("history-1", "intact snapshot");
  }

  @Test
  void missingHistory_isRefused() {
    for (String file : disk.files()) {
      if (file.startsWith(HISTORY)) {
        disk.remove(file);
      }
    }
    disk.remove("history-1");
    assertRefused("history-1", "missing");
  }

  @Test
  void bothSlotsDamaged_countsAsWipedAndMovesTheHistoryAside() {
    byte[] segment = disk.content(FIRST);
    alter(Layout.SUPERBLOCK, bytes -> zero(bytes, 0, bytes.length));
    assertThat(StoreChecker.check(disk).findings())
        .anyMatch(finding -> finding.consequence() == Consequence.WIPED);
    Recovered recovered = recover();
    assertThat(recovered.promise()).isNull();
    assertThat(recovered.log().isEmpty()).isTrue();
    assertThat(recovered.snapshot()).isNull();
    assertThat(bench.reports)
        .anyMatch(report -> report.contains("history-1.orphaned"))
        .anyMatch(report -> report.contains("node 1 of cluster c1") && report.contains("wiped"));
    assertThat(disk.content("history-1.orphaned/log-0000000000000000.seg")).isEqualTo(segment);
    bench.reports.clear();
    assertThat(recover().promise()).isNull();
    assertThat(bench.reports).isEmpty();
    assertThat(StoreChecker.check(disk).sound()).isTrue();
  }

  @Test
  void missingSuperblock_countsAsWiped() {
    disk.remove(Layout.SUPERBLOCK);
    assertThat(recover().promise()).isNull();
    assertThat(disk.files()).anyMatch(file -> file.startsWith("history-1.orphaned/"));
  }

  @Test
  void damagedIdentity_isWrittenAnew() {
    byte[] whole = disk.content(Layout.IDENTITY);
    disk.flipBit(Layout.IDENTITY, 100);
    assertThat(StoreChecker.check(disk).findings())
        .singleElement()
        .extracting(CheckReport.Finding::consequence)
        .isEqualTo(Consequence.REPAIRED);
    assertWhole(recover());
    assertThat(disk.content(Layout.IDENTITY)).isEqualTo(whole);
  }

  @Test
  void leftovers_areCleaned() {
    disk.put("superblock.tmp", new byte[5]);
    disk.put(HISTORY + "snap-0000000100000020.snap.tmp", new byte[5]);
    disk.put(HISTORY + "log-0000000100000020.seg.tmp", new byte[5]);
    disk.put("history-2/incoming.tmp", new byte[5]);
    disk.put("history-2/log-0000000100000020.seg", new byte[5]);
    CheckReport report = StoreChecker.check(disk);
    assertThat(report.sound()).isTrue();
    assertThat(report.findings())
        .hasSize(4)
        .allMatch(finding -> finding.consequence() == Consequence.CLEANED);
    assertWhole(recover());
    assertThat(disk.files()).noneMatch(file -> file.contains("tmp") || file.contains("history-2"));
  }

  // --- full disk
  // -------------------------------------------------------------------------------------

  @Test
  void diskFullAtEveryByte_refusesAndKeepsWhatWasSynced() {
    FileStorage storage = bench.storage();
    storage.recover();
    storage.append(bench.entries(2, 50));
    storage.sync();
    disk.kill();
    long used = Long.MAX_VALUE - 1;
    disk.setCapacityBytes(used);
    used -= disk.usableBytes();
    int refused = 0;
    for (int room = 0; room < 30_000; room += 97) {
      SimDisk full = new SimDisk(new SplittableRandom(room)::nextLong);
      for (String file : disk.files()) {
        full.put(file, disk.content(file));
      }
      Bench own = new Bench(full);
      own.after(bench.lastZxid(), bench.lastHash());
      FileStorage tried = own.storage();
      int before = tried.recover().log().size();
      full.setCapacityBytes(used + room);
      try {
        tried.append(own.entries(12, 900));
        tried.sync();
        tried.savePromise(Bench.promise(5));
      } catch (StorageException e) {
        refused++;
        assertThat(e).hasMessageContaining("No space left");
        assertThatThrownBy(tried::sync).hasMessageContaining("failed before");
      }
      full.kill();
      full.setCapacityBytes(Long.MAX_VALUE);
      Recovered recovered = own.storage().recover();
      assertThat(recovered.holes()).isEmpty();
      assertThat(recovered.log().size()).isBetween(before, before + 12);
    }
    assertThat(refused).isPositive();
  }

  private void alter(String name, UnaryOperator<byte[]> change) {
    disk.alter(name, change);
  }

  private static byte[] zero(byte[] bytes, int offset, int length) {
    Arrays.fill(bytes, offset, offset + length, (byte) 0);
    return bytes;
  }

  @Test
  void identifierSlots_takeThePlaceThatTheTestsAssume() {
    SegmentHeader header = new SegmentHeader(SegmentHeader.slotCapacityFor(4096), 1, 0, 0);
    assertThat(header.slotCapacity()).isEqualTo(32);
    assertThat(header.entriesOffset()).isEqualTo(ENTRIES_OFFSET);
    assertThat(Zxid.format(entries.get(31).zxid())).isEqualTo("0x10000001f");
  }
}
