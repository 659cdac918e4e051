package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import java.util.ArrayList;
import java.util.List;
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
    ZnodeTerms terms = terms(random);
    int length = data == null ? 0 : data.length;
    long due = ZnodeTerms.dueMillis(terms.expiresAtMillis(), terms.ttlMillis(), mtime);
    ZnodeStat stat =
        new ZnodeStat(
            czxid, mzxid, 3, ctime, mtime, version, 4, terms.aversion(), owner, length, 5, due);
    byte[] record = ZnodeRecord.pack(name, stat, terms, data);
    assertThat(ZnodeRecord.stat(record, 3, 4, 5)).isEqualTo(stat);
    assertThat(ZnodeRecord.terms(record)).isEqualTo(terms);
    assertThat(ZnodeRecord.dataLength(record)).isEqualTo(length);
    assertThat(ZnodeRecord.data(record)).isEqualTo(data);
    assertThat(ZnodeRecord.name(record)).isEqualTo(name);
    assertThat(ZnodeRecord.owner(record)).isEqualTo(owner);
    assertThat(ZnodeRecord.czxid(record)).isEqualTo(czxid);
    byte[] changed = ZnodeRecord.changed(record, new byte[] {1}, 9, 77, 78);
    long laterDue = ZnodeTerms.dueMillis(terms.expiresAtMillis(), terms.ttlMillis(), 78);
    assertThat(ZnodeRecord.stat(changed))
        .isEqualTo(
            new ZnodeStat(
                czxid, 77, czxid, ctime, 78, 9, 0, terms.aversion(), owner, 1, 0, laterDue));
    assertThat(ZnodeRecord.terms(changed)).isEqualTo(terms);
    ZnodeTerms others = terms(random);
    byte[] again = ZnodeRecord.withTerms(changed, others);
    assertThat(ZnodeRecord.terms(again)).isEqualTo(others);
    assertThat(ZnodeRecord.data(again)).isEqualTo(new byte[] {1});
    assertThat(ZnodeRecord.name(changed)).isEqualTo(name);
  }

  @Test
  void usualLeaf_takesFewBytes() {
    byte[] name = "worker-0000012345".getBytes(UTF_8);
    byte[] record =
        ZnodeRecord.created(
            name,
            0,
            name.length,
            new byte[100],
            0,
            ZnodeTerms.USUAL,
            7L << 32 | 1_000_000,
            1_700_000_000_000L);
    assertThat(record).hasSize(1 + 17 + 1 + 4 + 6 + 100);
  }

  private static ZnodeTerms terms(Random random) {
    if (random.nextBoolean()) {
      return ZnodeTerms.USUAL;
    }
    List<Acl> acl = new ArrayList<>();
    int entries = random.nextInt(4);
    for (int i = 0; i < entries; i++) {
      String id = "\u00e9".repeat(random.nextInt(200)) + i;
      acl.add(new Acl(1 + random.nextInt(31), new Identity("digest", id)));
    }
    return new ZnodeTerms(
        acl.isEmpty() ? Acl.OPEN : acl,
        random.nextBoolean() ? 0 : random.nextInt(),
        random.nextBoolean() ? 0 : random.nextLong(1L << 40),
        random.nextBoolean() ? 0 : random.nextLong(Long.MAX_VALUE),
        random.nextBoolean());
  }

  private static long any(Random random) {
    return random.nextLong() >> random.nextInt(64);
  }
}
