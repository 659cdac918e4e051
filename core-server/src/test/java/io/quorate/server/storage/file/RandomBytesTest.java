package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Recovered;
import io.quorate.server.storage.StorageException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Goal: whatever bytes stand in the files, recovery ends: with what was written, or a part of it
 * that is reported, or a refusal; and the checker always ends with a report.
 *
 * <p>Method: take a sound directory, damage one to three places at random, recover.
 */
class RandomBytesTest {
  @Property(tries = 300)
  void anyBytes_areRecoveredOrRefused(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SimDisk disk = new SimDisk(random::nextLong);
    Bench bench = new Bench(disk);
    List<LogEntry> entries = bench.entries(50, 100);
    prepare(bench, entries);
    int places = random.nextInt(1, 4);
    for (int i = 0; i < places; i++) {
      List<String> files = disk.files();
      disk.alter(
          files.get(random.nextInt(files.size())), bytes -> damaged(bytes, files, disk, random));
    }
    CheckReport report = StoreChecker.check(disk);
    assertThat(report.summary().lines()).isNotEmpty();
    try {
      FileStorage storage = bench.storage();
      Recovered recovered = storage.recover();
      List<Long> written = Bench.hashes(entries);
      // Nothing is invented: what is there is a run of what was written.
      List<Long> found = Bench.hashes(recovered);
      if (found.isEmpty()) {
        // Without a superblock a server is a wiped one: that is said, and it does not vote.
        assertThat(recovered.promise()).isNull();
        assertThat(report.sound()).isFalse();
      }
      assertThat(Collections.indexOfSubList(written, found)).isNotNegative();
      if (recovered.holes().isEmpty()) {
        assertThat(Bench.readAll(storage, recovered)).hasSize(recovered.log().size());
      }
    } catch (StorageException e) {
      assertThat(e.getMessage()).contains("history-");
      assertThat(report.sound()).isFalse();
    }
  }

  /** The file of the superblock is cut to nothing. */
  @Example
  void lostSuperblock_isAWipedServerThatSaysSo() {
    anyBytes_areRecoveredOrRefused(-3_804_513);
  }

  private static void prepare(Bench bench, List<LogEntry> entries) {
    FileStorage storage = bench.storage();
    storage.recover();
    storage.savePromise(Bench.promise(2));
    storage.append(entries.subList(0, 45));
    storage.sync();
    Bench.snapshot(storage, entries.get(30));
    Bench.snapshot(storage, entries.get(40));
    storage.append(entries.subList(45, 50));
    storage.sync();
    bench.disk.kill();
  }

  private static byte[] damaged(
      byte[] bytes, List<String> files, SimDisk disk, SplittableRandom random) {
    int at = random.nextInt(bytes.length + 1);
    int length = random.nextInt(Math.min(bytes.length - at, 1 << random.nextInt(16)) + 1);
    switch (random.nextInt(6)) {
      case 0 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 1 -> {
        return Arrays.copyOf(bytes, bytes.length + random.nextInt(5000));
      }
      case 2 -> Arrays.fill(bytes, at, at + length, (byte) 0);
      case 3 -> Arrays.fill(bytes, at, at + length, (byte) 0xFF);
      case 4 -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, at, length);
      }
      default -> {
        byte[] other = disk.content(files.get(random.nextInt(files.size())));
        int part = Math.min(length, other.length);
        int from = random.nextInt(other.length - part + 1);
        System.arraycopy(other, from, bytes, at, part);
      }
    }
    return bytes;
  }
}
