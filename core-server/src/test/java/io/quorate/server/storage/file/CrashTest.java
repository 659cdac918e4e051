package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Recovered;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a crash at any disk operation loses nothing that was promised and invents nothing.
 *
 * <p>Method: run a scenario again and again, stopping the machine before its first, second, third
 * ... changing operation, until it ends by itself. After each stop what survives is chosen at
 * random; recovery, itself stopped once at a random operation, must then find what the model
 * allows.
 */
class CrashTest {
  private static final int OUTCOMES = 3;

  private final TreeSet<String> seen = new TreeSet<>();

  @ParameterizedTest
  @ValueSource(strings = {"append", "promise", "truncate", "snapshot", "retain", "switch", "mixed"})
  void crashAtEveryOperation_keepsThePromise(String scenario) {
    int crashes = 0;
    boolean crashed = true;
    for (long at = 0; crashed; at++) {
      crashed = false;
      for (int outcome = 0; outcome < OUTCOMES; outcome++) {
        String what = scenario + " at " + at + " outcome " + outcome;
        crashed |= crashOnce(scenario, at, new SplittableRandom(what.hashCode()), what);
      }
      crashes += crashed ? 1 : 0;
    }
    assertThat(crashes).isGreaterThan(5);
    assertThat(seen).contains("crash", "kill");
  }

  private boolean crashOnce(String scenario, long at, SplittableRandom random, String what) {
    SimDisk disk = new SimDisk(random::nextLong);
    disk.setTornSectors(true);
    Bench bench = new Bench(disk);
    FileStorage storage = bench.storage();
    byte[] file = new byte[0];
    List<LogEntry> foreign = new ArrayList<>();
    if (scenario.equals("switch")) {
      file = foreignHistory(foreign);
    }
    storage.recover();
    CrashModel model = new CrashModel(storage, bench);
    prepare(scenario, model);
    disk.crashBefore(at);
    boolean crashed = false;
    try {
      run(scenario, model, storage, file, foreign);
    } catch (CrashError e) {
      crashed = true;
    }
    String how = stop(disk, random);
    Recovered first;
    FileStorage reopened;
    try {
      // Recovery is stopped at a random operation, too; most often it ends before.
      disk.crashBefore(random.nextLong(30));
      reopened = bench.storage();
      first = reopened.recover();
    } catch (CrashError e) {
      stop(disk, random);
      reopened = bench.storage();
      first = reopened.recover();
    }
    disk.setHook((operation, name) -> {});
    try {
      model.check(first, reopened);
      // What recovery claimed is durable: a power loss right after it takes nothing away.
      disk.crash();
      FileStorage again = bench.storage();
      Recovered second = again.recover();
      assertThat(Bench.hashes(second)).isEqualTo(Bench.hashes(first));
      assertThat(second.promise()).isEqualTo(first.promise());
      assertThat(second.snapshot()).isEqualTo(first.snapshot());
      bench.after(second.log().lastZxid(), second.log().lastHash());
      again.append(bench.entries(1, 5));
      again.sync();
      assertThat(disk.files()).noneMatch(name -> name.endsWith(".tmp"));
      assertThat(disk.files()).noneMatch(name -> name.contains("orphaned"));
    } catch (AssertionError | StorageException e) {
      throw new AssertionError(what + " (" + how + "): " + e.getMessage() + bench.reports, e);
    }
    return crashed;
  }

  /** Power loss or only the death of the process. */
  private String stop(SimDisk disk, SplittableRandom random) {
    String how = random.nextBoolean() ? "crash" : "kill";
    seen.add(how);
    if (how.equals("crash")) {
      disk.crash();
    } else {
      disk.kill();
    }
    return how;
  }

  private static void prepare(String scenario, CrashModel model) {
    if (scenario.equals("append") || scenario.equals("mixed")) {
      return;
    }
    model.append(scenario.equals("retain") ? 70 : 30, 300);
    model.sync();
    model.savePromise(1);
    if (scenario.equals("retain")) {
      model.snapshot(5);
      model.snapshot(14);
    }
  }

  private static void run(
      String scenario, CrashModel model, Storage storage, byte[] file, List<LogEntry> foreign) {
    switch (scenario) {
      case "append" -> {
        model.append(3, 10);
        model.sync();
        model.append(12, 700);
        model.sync();
        model.append(1, 9000);
        model.append(40, 20);
        model.sync();
      }
      case "promise" -> {
        model.savePromise(2);
        model.savePromise(3);
      }
      case "truncate" -> {
        model.truncate(25);
        model.append(3, 40);
        model.sync();
        model.truncate(4);
        model.append(2, 40);
        model.sync();
      }
      case "snapshot" -> {
        model.snapshot(20);
        model.append(1, 10);
        model.sync();
        model.snapshot(28);
      }
      case "retain" -> {
        model.snapshot(20);
        storage.retain(List.of());
        model.snapshot(58);
        model.snapshot(66);
        storage.retain(List.of());
        model.append(2, 10);
        model.sync();
      }
      case "switch" -> {
        model.append(2, 50);
        model.sync();
        model.switchTo(file, foreign, 9);
        model.append(2, 50);
        model.sync();
      }
      case "mixed" -> {
        model.savePromise(1);
        model.append(14, 500);
        model.sync();
        model.snapshot(7);
        model.append(9, 200);
        model.truncate(14);
        model.append(20, 300);
        model.sync();
        model.savePromise(2);
        model.snapshot(25);
        storage.retain(List.of());
        model.truncate(30);
      }
      default -> throw new IllegalArgumentException(scenario);
    }
  }

  /** Another history, and the file of its snapshot at entry 9. */
  private static byte[] foreignHistory(List<LogEntry> foreign) {
    Bench bench = new Bench(99);
    FileStorage storage = bench.storage();
    storage.recover();
    foreign.addAll(bench.entries(20, 111));
    storage.append(foreign);
    storage.sync();
    Bench.snapshot(storage, foreign.get(9));
    return Bench.snapshotFile(storage, foreign.get(9).zxid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "promise", "truncate", "snapshot", "retain", "switch"})
  void failedSyncAtEveryPlace_endsStorageAndKeepsThePromise(String scenario) {
    boolean failed = true;
    int failures = 0;
    for (int at = 0; failed; at++) {
      failed = failOnce(scenario, at, new SplittableRandom(at));
      failures += failed ? 1 : 0;
    }
    assertThat(failures).isPositive();
  }

  private boolean failOnce(String scenario, int at, SplittableRandom random) {
    SimDisk disk = new SimDisk(random::nextLong);
    Bench bench = new Bench(disk);
    FileStorage storage = bench.storage();
    List<LogEntry> foreign = new ArrayList<>();
    byte[] file = scenario.equals("switch") ? foreignHistory(foreign) : new byte[0];
    storage.recover();
    CrashModel model = new CrashModel(storage, bench);
    prepare(scenario, model);
    int[] syncs = {0};
    disk.setHook(
        (operation, name) -> {
          if (operation == SimDisk.Operation.SYNC && syncs[0]++ == at) {
            throw new IOException("injected");
          }
        });
    boolean failed = false;
    try {
      run(scenario, model, storage, file, foreign);
    } catch (StorageException e) {
      failed = true;
      assertThat(e).hasMessageContaining("injected");
      assertRefusesEverything(storage, disk);
    }
    // The process ends; the machine goes on and shows pages that are not on the disk.
    disk.kill();
    FileStorage reopened = bench.storage();
    Recovered first = reopened.recover();
    model.check(first, reopened);
    disk.crash();
    Recovered second = bench.storage().recover();
    assertThat(Bench.hashes(second)).isEqualTo(Bench.hashes(first));
    assertThat(second.promise()).isEqualTo(first.promise());
    return failed;
  }

  private static void assertRefusesEverything(Storage storage, SimDisk disk) {
    long before = disk.operations();
    List<Runnable> calls =
        List.of(
            storage::sync,
            () -> storage.append(List.of()),
            () -> storage.savePromise(Bench.promise(9)),
            () -> storage.read(0, 100),
            () -> storage.retain(List.of()),
            storage::stageBegin);
    for (Runnable call : calls) {
      assertThatThrownBy(call::run)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("failed before");
    }
    assertThat(disk.operations()).isEqualTo(before);
  }
}
