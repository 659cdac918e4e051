package io.quorate.server.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.Generations;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What no tree can hold is refused, whatever a file says; the rest is found again. */
class TreeBuilderTest {
  private static final ZnodeStat ZERO = stat(0);

  private final TreeBuilder builder = new TreeBuilder(new Generations());

  private static ZnodeStat stat(long owner) {
    return new ZnodeStat(5, 6, 5, 100, 200, 1, 0, 0, owner, 0, 0);
  }

  private static ZnodeTerms terms(List<Acl> acl, long ttl, long expiresAt, boolean container) {
    return new ZnodeTerms(acl, 0, ttl, expiresAt, container);
  }

  private ZnodeTree build(ZnodeStat stat, ZnodeTerms terms, ZnodeTerms builtIn) {
    builder.add(0, "", ZERO, ZnodeTerms.USUAL, 1, 0, null);
    builder.add(1, "x", stat, terms, 0, 0, new byte[3]);
    builder.add(1, "zookeeper", ZERO, builtIn, 0, 0, null);
    builder.add(2, "config", ZERO, ZnodeTerms.USUAL, 0, 0, null);
    builder.add(2, "quota", ZERO, ZnodeTerms.USUAL, 0, 0, null);
    return builder.finish();
  }

  static Stream<Arguments> nonsense() {
    long tooLong = TreeLimits.LIFETIME_MILLIS_MAX + 1;
    Acl auth = Acl.CREATOR_ALL.get(0);
    Acl noPermission = new Acl(0, Identity.ANYONE);
    Acl twice = Acl.OPEN.get(0);
    return Stream.of(
        Arguments.of(0L, terms(List.of(), 0, 0, false)),
        Arguments.of(0L, terms(List.of(auth), 0, 0, false)),
        Arguments.of(0L, terms(List.of(noPermission), 0, 0, false)),
        Arguments.of(0L, terms(List.of(twice, twice), 0, 0, false)),
        Arguments.of(0L, terms(Acl.OPEN, -1, 0, false)),
        Arguments.of(0L, terms(Acl.OPEN, tooLong, 0, false)),
        Arguments.of(0L, terms(Acl.OPEN, 0, -1, false)),
        Arguments.of(0L, terms(Acl.OPEN, 1, 0, true)),
        Arguments.of(7L, terms(Acl.OPEN, 1, 0, false)),
        Arguments.of(7L, terms(Acl.OPEN, 0, 0, true)));
  }

  @ParameterizedTest
  @MethodSource("nonsense")
  void termsThatNoZnodeHas_areRefused(long owner, ZnodeTerms terms) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(stat(owner), terms, ZnodeTerms.USUAL));
  }

  @Test
  void builtInZnodeWithAnEnd_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> build(ZERO, ZnodeTerms.USUAL, terms(Acl.OPEN, 0, 9, false)));
  }

  @Test
  void ephemeralWithAnExpiry_isFoundAgain() {
    ZnodeTree tree = build(stat(7), terms(Acl.READ_ONLY, 0, 900, false), ZnodeTerms.USUAL);
    assertThat(builder.ephemerals()).containsExactly(new TreeBuilder.Ephemeral(7, "/x"));
    assertThat(builder.mortals()).containsExactly(new TreeBuilder.Mortal("/x", 900, false));
    FoundZnode found = tree.at("/x");
    assertThat(found.acl()).isEqualTo(Acl.READ_ONLY);
    assertThat(found.subtreeBytes()).isEqualTo(3);
    assertThat(tree.at("/").subtreeBytes()).isEqualTo(3);
  }
}
