package io.quorate.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who passes which list, one row per case. */
class AccessTest {
  private static final Identity ANN = Identity.digest("ann", "secret");
  private static final Identity ROOT = new Identity(Identity.SUPER, "");

  @ParameterizedTest
  @CsvSource({
    "10.0.0.7,            10.0.0.7,          true",
    "10.0.0.7,            10.0.0.8,          false",
    "10.0.0.0/8,          10.255.1.2,        true",
    "10.0.0.0/8,          11.0.0.0,          false",
    "10.9.8.7/8,          10.1.1.1,          true",
    "192.168.4.0/22,      192.168.7.255,     true",
    "192.168.4.0/22,      192.168.8.0,       false",
    "0.0.0.0/0,           203.0.113.9,       true",
    "0.0.0.0/0,           2001:db8::1,       false",
    "2001:db8::/32,       2001:db8:ffff::9,  true",
    "2001:db8::/32,       2001:db9::1,       false",
    "::1,                 0:0:0:0:0:0:0:1,   true",
    "::/0,                fe80::1,           true",
    "fd00::8/125,         fd00::f,           true",
    "fd00::8/125,         fd00::10,          false",
    "::ffff:10.0.0.7,     10.0.0.7,          true",
    "10.0.0.7,            ::ffff:a00:7,      true",
    "10.0.0.7,            unknown,           false",
  })
  void addressEntry_comparesTheBitsOfItsPrefix(String entry, String address, boolean passes) {
    List<Acl> acl = List.of(new Acl(Acl.READ, new Identity(Identity.IP, entry)));
    assertThat(Access.allows(acl, Acl.READ, List.of(new Identity(Identity.IP, address))))
        .isEqualTo(passes);
  }

  @ParameterizedTest
  @CsvSource({
    "''",
    "10",
    "10.0.0",
    "10.0.0.0.1",
    "10.0.0.256",
    "10.0.0.-1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/x",
    "10.0.0.0/8/8",
    "a.b.c.d",
    "localhost",
    "1.2.3.0004",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "::/129",
    "::1.2.3",
    "::1.2.3.4.5",
    "fe80::1%eth0",
    "1:2:3:4:5:6:7:1.2.3.4",
    ":1",
    "1:"
  })
  void textThatIsNoAddress_isNoEntry(String text) {
    assertThat(IpPrefix.parse(text)).isNull();
    assertThat(
            AclRules.toStore(List.of(new Acl(Acl.ALL, new Identity(Identity.IP, text))), List.of()))
        .isNull();
  }

  @Test
  void everyPermission_isGrantedByItsOwnBitOnly() {
    for (int granted = 1; granted <= Acl.ALL; granted++) {
      for (int wanted = 1; wanted <= Acl.ADMIN; wanted <<= 1) {
        List<Acl> acl = List.of(new Acl(granted, ANN));
        assertThat(Access.allows(acl, wanted, List.of(ANN))).isEqualTo((granted & wanted) != 0);
        assertThat(Access.allows(acl, wanted, List.of(ROOT))).isTrue();
        assertThat(Access.allows(acl, wanted, List.of(Identity.digest("ann", "guess")))).isFalse();
        assertThat(Access.allows(acl, wanted, List.of())).isFalse();
      }
    }
  }

  @Test
  void world_isEverybody_andSeveralEntriesAddUp() {
    List<Acl> acl = List.of(new Acl(Acl.READ, Identity.ANYONE), new Acl(Acl.WRITE, ANN));
    assertThat(Access.allows(acl, Acl.READ, List.of())).isTrue();
    assertThat(Access.allows(acl, Acl.WRITE, List.of())).isFalse();
    assertThat(Access.allows(acl, Acl.WRITE, List.of(ANN))).isTrue();
    assertThat(Access.allows(acl, Acl.READ | Acl.ADMIN, List.of())).isTrue();
    assertThat(Access.allows(acl, Acl.ADMIN, List.of(ANN))).isFalse();
  }

  @Test
  void digestIdentity_isZooKeepers_andIsShownMasked() {
    // What ZooKeeper's own generateDigest gives for super:admin, a value printed in many manuals.
    assertThat(Identity.digest("super", "admin").text())
        .isEqualTo("digest:super:xQJmxLMiHGwaqBvst5y6rkB6HQs=");
    assertThat(ANN).hasToString("digest:ann:x");
    assertThat(new Acl(Acl.READ, ANN).toString()).contains("ann:x").doesNotContain(ANN.id());
    assertThat(Access.masked(List.of(new Acl(Acl.READ, ANN), Acl.OPEN.get(0))))
        .containsExactly(
            new Acl(Acl.READ, new Identity(Identity.DIGEST, "ann:x")), Acl.OPEN.get(0));
  }
}
