package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The simulated disk forgets what a real one may forget, and nothing else. */
class SimDiskTest {
  private final SplittableRandom random = new SplittableRandom(7);
  private final SimDisk disk = new SimDisk(random::nextLong);

  @Test
  void syncedFileInSyncedDirectory_survivesEveryCrash() throws IOException {
    disk.createDirectory("a");
    write("a/f", "hello", true);
    disk.syncDirectory("a");
    disk.syncDirectory("");
    for (int i = 0; i < 20; i++) {
      disk.crash();
      assertThat(disk.content("a/f")).asString(StandardCharsets.UTF_8).isEqualTo("hello");
    }
  }

  @Test
  void unsyncedNamesAndSectors_surviveInEverySubset() throws IOException {
    TreeSet<String> outcomes = new TreeSet<>();
    for (int i = 0; i < 400; i++) {
      SimDisk fresh = new SimDisk(random::nextLong);
      try (Disk.File file = fresh.create("f")) {
        file.write(0, ByteBuffer.wrap(new byte[1024]));
        file.sync();
        fresh.syncDirectory("");
        byte[] ones = new byte[1024];
        Arrays.fill(ones, (byte) 1);
        file.write(0, ByteBuffer.wrap(ones));
        fresh.rename("f", "g");
      }
      fresh.crash();
      String name = fresh.files().get(0);
      byte[] bytes = fresh.content(name);
      outcomes.add(name + bytes[0] + bytes[512]);
    }
    assertThat(outcomes).containsExactly("f00", "f01", "f10", "f11", "g00", "g01", "g10", "g11");
  }

  @Test
  void killedProcess_losesNothingWritten() throws IOException {
    write("f", "hello", false);
    disk.kill();
    assertThat(disk.content("f")).asString(StandardCharsets.UTF_8).isEqualTo("hello");
  }

  @Test
  void failedSync_dropsPagesThatALaterSyncDoesNotBringBack() throws IOException {
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      SimDisk fresh = new SimDisk(random::nextLong);
      try (Disk.File file = fresh.create("f")) {
        file.write(0, ByteBuffer.wrap(new byte[] {1}));
        file.sync();
        fresh.syncDirectory("");
        file.write(0, ByteBuffer.wrap(new byte[] {2}));
        fresh.setHook(
            (operation, name) -> {
              if (operation == SimDisk.Operation.SYNC) {
                throw new IOException("injected");
              }
            });
        assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
        fresh.setHook((operation, name) -> {});
        assertThat(fresh.content("f")[0]).isEqualTo((byte) 2);
        file.sync();
      }
      fresh.crash();
      outcomes.add(Byte.toString(fresh.content("f")[0]));
    }
    assertThat(outcomes).contains("1", "2");
  }

  @Test
  void fullDisk_takesWhatFitsAndFails() throws IOException {
    disk.setCapacityBytes(3);
    assertThatThrownBy(() -> write("f", "hello", false)).hasMessageContaining("No space left");
    assertThat(disk.content("f")).asString(StandardCharsets.UTF_8).isEqualTo("hel");
  }

  @Test
  void crashPoint_stopsEverythingUntilTheRestart() throws IOException {
    write("f", "hello", true);
    disk.crashBefore(0);
    assertThatThrownBy(() -> disk.rename("f", "g")).isInstanceOf(CrashError.class);
    assertThatThrownBy(() -> disk.exists("f")).isInstanceOf(CrashError.class);
    disk.kill();
    assertThat(disk.exists("f")).isTrue();
  }

  private void write(String name, String text, boolean sync) throws IOException {
    try (Disk.File file = disk.create(name)) {
      file.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      if (sync) {
        file.sync();
      }
    }
  }
}
