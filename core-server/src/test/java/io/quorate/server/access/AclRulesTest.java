package io.quorate.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which lists are stored, and as what. */
class AclRulesTest {
  private static final Identity ANN = Identity.digest("ann", "secret");
  private static final Identity BOB = Identity.digest("bob", "secret");
  private static final Identity HERE = new Identity(Identity.IP, "10.0.0.7");

  private static Acl all(Identity identity) {
    return new Acl(Acl.ALL, identity);
  }

  @ParameterizedTest
  @CsvSource({
    "0,  world,  anyone",
    "32, world,  anyone",
    "-1, world,  anyone",
    "31, world,  nobody",
    "31, world,  ''",
    "31, digest, ann",
    "31, digest, ann:",
    "31, digest, :hash",
    "31, digest, a:b:c",
    "31, super,  ''",
    "31, sasl,   ann",
    "31, x509,   CN=ann",
    "31, '',     ''",
    "31, digest, 'ann:\ud800'",
  })
  void entryThatIsNotValid_isRefused(int permissions, String scheme, String id) {
    Acl bad = new Acl(permissions, new Identity(scheme, id));
    assertThat(AclRules.toStore(List.of(bad), List.of(ANN))).isNull();
    assertThat(AclRules.toStore(List.of(Acl.OPEN.get(0), bad), List.of(ANN))).isNull();
  }

  @Test
  void listsWithoutContent_areRefused() {
    assertThat(AclRules.toStore(null, List.of(ANN))).isNull();
    assertThat(AclRules.toStore(List.of(), List.of(ANN))).isNull();
    assertThat(AclRules.toStore(Arrays.asList((Acl) null), List.of(ANN))).isNull();
    assertThat(AclRules.toStore(List.of(new Acl(1, null)), List.of(ANN))).isNull();
    assertThat(AclRules.toStore(List.of(new Acl(1, new Identity(null, "x"))), List.of())).isNull();
    assertThat(AclRules.toStore(List.of(new Acl(1, new Identity("ip", null))), List.of())).isNull();
  }

  @Test
  void duplicates_areStoredOnce_inTheOrderGiven() {
    Acl read = new Acl(Acl.READ, Identity.ANYONE);
    assertThat(AclRules.toStore(List.of(all(ANN), read, all(ANN), read), List.of()))
        .containsExactly(all(ANN), read);
    assertThat(AclRules.toStore(Acl.OPEN, List.of())).isSameAs(Acl.OPEN);
  }

  @Test
  void auth_isWhoeverTheCallerIsAuthenticatedAs() {
    List<Identity> caller = List.of(HERE, ANN, BOB, new Identity(Identity.SUPER, ""));
    assertThat(AclRules.toStore(Acl.CREATOR_ALL, caller)).containsExactly(all(ANN), all(BOB));
    assertThat(AclRules.toStore(Acl.CREATOR_ALL, List.of(HERE))).isNull();
    assertThat(AclRules.isStored(List.of(all(ANN), all(BOB)))).isTrue();
    assertThat(AclRules.isStored(Acl.CREATOR_ALL)).isFalse();
    assertThat(AclRules.isStored(List.of(all(ANN), all(ANN)))).isFalse();
  }

  @Test
  void listAtItsLimits_isStored_andBeyondThemRefused() {
    List<Acl> entries = new ArrayList<>();
    for (int i = 0; i < AclRules.ENTRIES_MAX; i++) {
      entries.add(all(new Identity(Identity.DIGEST, "u" + i + ":h")));
    }
    assertThat(AclRules.toStore(entries, List.of())).isEqualTo(entries);
    entries.add(all(ANN));
    assertThat(AclRules.toStore(entries, List.of())).isNull();
    int room = AclRules.BYTES_MAX - "digest".length();
    Acl longest = all(new Identity(Identity.DIGEST, "u:" + "h".repeat(room - 2)));
    Acl longer = all(new Identity(Identity.DIGEST, "u:" + "h".repeat(room - 1)));
    assertThat(AclRules.toStore(List.of(longest), List.of())).containsExactly(longest);
    assertThat(AclRules.toStore(List.of(longer), List.of())).isNull();
  }
}
