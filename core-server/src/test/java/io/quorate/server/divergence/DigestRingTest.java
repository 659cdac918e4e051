package io.quorate.server.divergence;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.replication.StateDigest;
import org.junit.jupiter.api.Test;

class DigestRingTest {
  private final DigestRing ring = new DigestRing(4);

  @Test
  void emptyRing_knowsNothing() {
    assertThat(ring.find(1)).isNull();
    assertThat(ring.find(0)).isNull();
  }

  @Test
  void newestEntries_areFoundByZxid_andOlderOnesAndGapsAreNot() {
    for (long zxid : new long[] {2, 3, 5, 0x1_0000_0000L, 0x1_0000_0001L, 0x1_0000_0004L}) {
      ring.add(zxid, 1, zxid * 10);
    }
    assertThat(ring.find(5)).isEqualTo(new StateDigest(5, 1, 50));
    assertThat(ring.find(0x1_0000_0004L))
        .isEqualTo(new StateDigest(0x1_0000_0004L, 1, 0xA_0000_0028L));
    assertThat(ring.find(3)).as("overwritten").isNull();
    assertThat(ring.find(0x1_0000_0002L)).as("no entry").isNull();
    assertThat(ring.find(0x1_0000_0005L)).as("not applied").isNull();
    ring.clear();
    assertThat(ring.find(5)).isNull();
  }
}
