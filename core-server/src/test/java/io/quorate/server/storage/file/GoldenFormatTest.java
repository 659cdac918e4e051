package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Recovered;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Goal: files of every released format version are read, and the present one is written as it was.
 *
 * <p>Method: a data directory as text, checked in: a line per file with its length, then its bytes
 * where they are not zero. A change of this file is a change of the format: it needs a new version.
 * {@code -Dquorate.rewrite=true} writes the file anew, for the next run to read.
 */
class GoldenFormatTest {
  private static final String FORMAT_1 = "/storage/format-1.txt";

  private final Bench bench = new Bench(1);
  private final List<LogEntry> entries = bench.entries(6, 24);

  @Test
  void presentFormat_isWrittenAsBefore() throws IOException {
    FileStorage storage = bench.storage();
    storage.recover();
    storage.savePromise(Bench.promise(3));
    storage.append(entries.subList(0, 4));
    storage.sync();
    Bench.snapshot(storage, entries.get(2));
    storage.append(entries.subList(4, 6));
    storage.sync();
    List<String> written = dump(bench.disk);
    if (Boolean.getBoolean("quorate.rewrite")) {
      Files.write(Path.of("src/test/resources" + FORMAT_1), written);
    }
    assertThat(written).isEqualTo(golden());
  }

  @Test
  void formatVersion1_isRead() throws IOException {
    SimDisk disk = load(golden());
    assertThat(StoreChecker.check(disk).findings()).isEmpty();
    FileStorage storage = bench.storage(disk);
    Recovered recovered = storage.recover();
    assertThat(recovered.promise()).isEqualTo(Bench.promise(3));
    assertThat(recovered.snapshot()).isEqualTo(Bench.meta(entries.get(2)));
    assertThat(recovered.holes()).isEmpty();
    assertThat(Bench.names(Bench.readAll(storage, recovered))).isEqualTo(Bench.names(entries));
    assertThat(Bench.readSnapshot(storage, entries.get(2).zxid()))
        .isEqualTo(Bench.blocks(entries.get(2)));
    assertThat(bench.reports).isEmpty();
  }

  private static List<String> golden() throws IOException {
    try (InputStream in = GoldenFormatTest.class.getResourceAsStream(FORMAT_1)) {
      assertThat(in).as(FORMAT_1).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static List<String> dump(SimDisk disk) {
    List<String> lines = new ArrayList<>();
    for (String file : disk.files()) {
      byte[] bytes = disk.content(file);
      lines.add(file + " " + bytes.length);
      for (int at = 0; at < bytes.length; at += 32) {
        int end = Math.min(bytes.length, at + 32);
        String hex = HexFormat.of().formatHex(bytes, at, end);
        if (!hex.matches("0*")) {
          lines.add(String.format(Locale.ROOT, "%8d %s", at, hex));
        }
      }
    }
    return lines;
  }

  private static SimDisk load(List<String> lines) {
    SimDisk disk = new SimDisk(new SplittableRandom(1)::nextLong);
    String file = "";
    byte[] bytes = new byte[0];
    for (String line : lines) {
      String[] words = line.trim().split(" ", -1);
      if (line.startsWith(" ")) {
        byte[] part = HexFormat.of().parseHex(words[1]);
        System.arraycopy(part, 0, bytes, Integer.parseInt(words[0]), part.length);
      } else {
        file = words[0];
        bytes = new byte[Integer.parseInt(words[1])];
      }
      disk.put(file, bytes);
    }
    return disk;
  }
}
