package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.ZnodeStat;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The packed form gives back every field, whatever it was. */
class ZnodeRecordTest {

  @Property(tries = 500)
  void fields_comeBack(
      @ForAll @IntRange(min = 0, max = 20_000) int nameLength,
      @ForAll long seed,
      @ForAll int version) {
    Random random = new Random(seed);
    byte[] name = "n".repeat(nameLength).getBytes(UTF_8);
    byte[] data = random.nextInt(3) == 0 ? null : new byte[random.nextInt(200)];
    long czxid = any(random);
    long ctime = any(random);
    long mzxid = random.nextBoolean() ? czxid : any(random);
    long mtime = random.nextBoolean() ? ctime : any(random);
    long owner = random.nextBoolean() ? 0 : any(random);
    byte[] record =
        ZnodeRecord.pack(name, 0, name.length, data, owner, czxid, ctime, mzxid, mtime, version);
    int length = data == null ? 0 : data.length;
    assertThat(ZnodeRecord.stat(record, 3, 4, 5))
        .isEqualTo(new ZnodeStat(czxid, mzxid, 3, ctime, mtime, version, 4, 0, owner, length, 5));
    assertThat(ZnodeRecord.data(record)).isEqualTo(data);
    assertThat(ZnodeRecord.name(record)).isEqualTo(name);
    assertThat(ZnodeRecord.owner(record)).isEqualTo(owner);
    assertThat(ZnodeRecord.czxid(record)).isEqualTo(czxid);
    byte[] changed = ZnodeRecord.changed(record, new byte[] {1}, 9, 77, 78);
    assertThat(ZnodeRecord.stat(changed))
        .isEqualTo(new ZnodeStat(czxid, 77, czxid, ctime, 78, 9, 0, 0, owner, 1, 0));
    assertThat(ZnodeRecord.name(changed)).isEqualTo(name);
  }

  @Test
  void usualLeaf_takesFewBytes() {
    byte[] name = "worker-0000012345".getBytes(UTF_8);
    byte[] record =
        ZnodeRecord.created(
            name, 0, name.length, new byte[100], 0, 7L << 32 | 1_000_000, 1_700_000_000_000L);
    assertThat(record).hasSize(1 + 17 + 1 + 4 + 6 + 100);
  }

  private static long any(Random random) {
    return random.nextLong() >> random.nextInt(64);
  }
}
