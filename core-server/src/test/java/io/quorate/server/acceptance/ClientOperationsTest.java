package io.quorate.server.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.AuthFailedException;
import io.quorate.client.BadVersionException;
import io.quorate.client.BlockingClient;
import io.quorate.client.ChildrenPage;
import io.quorate.client.CreateOptions;
import io.quorate.client.InvalidAclException;
import io.quorate.client.MultiResult;
import io.quorate.client.NoAuthException;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import io.quorate.server.embedded.EmbeddedEnsemble;
import io.quorate.server.embedded.QuorateEnsemble;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Goal: each call of the client does with a whole ensemble what it promises. Method: each once as
 * it should be used, and once where it must fail.
 */
@QuorateEnsemble(servers = 3)
class ClientOperationsTest {
  private final EmbeddedEnsemble ensemble;
  private QuorateClient client;
  private BlockingClient blocking;

  ClientOperationsTest(EmbeddedEnsemble ensemble) {
    this.ensemble = ensemble;
  }

  @BeforeEach
  void connect() {
    client = QuorateClient.builder(ensemble.connectString()).build();
    blocking = client.blocking();
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void get_tellsAtWhichZxidTheZnodeWasAsSaid() throws InterruptedException {
    long created = blocking.create("/as-of", null).stat().czxid();
    long later = blocking.create("/as-of-2", null).stat().czxid();

    assertThat(blocking.get("/as-of").stat().mzxid()).isEqualTo(created);
    assertThat(blocking.get("/as-of").zxid()).isGreaterThanOrEqualTo(later);
    MultiResult multi = blocking.multi(Op.get("/as-of"), Op.get("/as-of-2"));
    assertThat(multi.znode(0).zxid()).isEqualTo(multi.zxid()).isGreaterThan(later);
  }

  @Test
  void pagesOfChildren_coverAllOnce() throws InterruptedException {
    blocking.create("/pages", null);
    for (int i = 0; i < 7; i++) {
      blocking.create("/pages/" + i, null);
    }
    List<String> walked = new ArrayList<>();
    ChildrenPage page = blocking.childrenPage("/pages", "", 3);
    while (true) {
      walked.addAll(page.names());
      if (!page.more()) {
        break;
      }
      page = blocking.childrenPage("/pages", page.last(), 3);
    }
    assertThat(walked).containsExactly("0", "1", "2", "3", "4", "5", "6");
    assertThat(blocking.children("/pages").atOneInstant()).isTrue();
    assertThatThrownBy(() -> blocking.childrenPage("/none", "", 3))
        .isInstanceOf(NoNodeException.class);
  }

  @Test
  void failureInAMulti_namesItsOperationWithoutAnyData() throws InterruptedException {
    blocking.create("/multi", null);
    assertThatThrownBy(
            () ->
                blocking.multi(
                    Op.set("/multi", "secret".getBytes(UTF_8)), Op.delete("/multi/none")))
        .isInstanceOf(NoNodeException.class)
        .hasMessage("multi, operation 1 (delete /multi/none): no such znode");
    assertThatThrownBy(() -> blocking.multi(Op.delete("/multi/none")))
        .hasMessage("multi, operation 0 (delete /multi/none): no such znode");
    assertThat(blocking.get("/multi").stat().version()).isZero();
    assertThatThrownBy(() -> blocking.create("/no/parent", null, CreateMode.EPHEMERAL))
        .hasMessage("create /no/parent: no parent to create it in");
  }

  @Test
  void accessControl_letsOnlyWhoProvedAnIdentityIn() throws InterruptedException {
    blocking.addCredential("digest", "ann:secret");
    blocking.create("/acl", null, CreateOptions.DEFAULT.withAcl(Acl.CREATOR_ALL));
    assertThat(blocking.whoAmI()).extracting(Identity::scheme).contains("ip", "digest");
    assertThat(blocking.getAcl("/acl").acl())
        .singleElement()
        .satisfies(entry -> assertThat(entry.identity().text()).startsWith("digest:ann:"));
    try (QuorateClient stranger = QuorateClient.builder(ensemble.connectString()).build()) {
      assertThatThrownBy(() -> stranger.blocking().get("/acl")).isInstanceOf(NoAuthException.class);
      stranger.blocking().addCredential("digest", "ann:secret");
      stranger.blocking().get("/acl");
    }
    assertThatThrownBy(() -> blocking.setAcl("/acl", Acl.OPEN, 7))
        .isInstanceOf(BadVersionException.class);
    assertThat(blocking.setAcl("/acl", Acl.OPEN, 0).aversion()).isEqualTo(1);
    Acl nobody = new Acl(Acl.ALL, new Identity("magic", "x"));
    assertThatThrownBy(() -> blocking.setAcl("/acl", List.of(nobody)))
        .isInstanceOf(InvalidAclException.class);
  }

  @Test
  void recursiveWatch_hearsOfAllBelowAndOfNothingBesideUntilItIsClosed()
      throws InterruptedException {
    blocking.create("/tree", null);
    List<String> heard = new CopyOnWriteArrayList<>();
    Watch watch =
        blocking.watch(
            "/tree", WatchScope.RECURSIVE, event -> heard.add(event.type() + " " + event.path()));
    blocking.create("/tree/a", null);
    blocking.create("/tree/a/b", null);
    blocking.create("/trees", null);
    blocking.set("/tree/a/b", null);
    blocking.delete("/tree/a/b");
    blocking.set("/tree", null);
    blocking.sync();
    assertThat(heard)
        .containsExactly(
            "CREATED /tree/a",
            "CREATED /tree/a/b",
            "DATA_CHANGED /tree/a/b",
            "DELETED /tree/a/b",
            "DATA_CHANGED /tree");
    watch.close();
    blocking.set("/tree/a", null);
    blocking.sync();
    assertThat(heard).hasSize(5);
    assertThatThrownBy(() -> blocking.watch("no/path", WatchScope.RECURSIVE, event -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void unknownScheme_isRefusedAndTheClientGoesOn() throws InterruptedException {
    assertThatThrownBy(() -> blocking.addCredential("magic", "x"))
        .isInstanceOf(AuthFailedException.class);
    blocking.sync();
  }

  @Test
  void credentials_surviveTheDeathOfTheirServer() throws Exception {
    try (QuorateClient ann =
        QuorateClient.builder(ensemble.connectString()).credential("digest", "ann:1").build()) {
      ann.blocking().create("/moved", null, CreateOptions.DEFAULT.withAcl(Acl.CREATOR_ALL));
      int leader = ensemble.leader();
      ensemble.kill(leader);
      ann.blocking().set("/moved", "x".getBytes(UTF_8));
      ensemble.restart(leader);
    }
  }

  @Test
  void lifetimes_areSetRenewedAndTakenAway() throws InterruptedException {
    blocking.create("/ttl", null, CreateOptions.timeToLive(ofSeconds(600)));
    assertThat(blocking.get("/ttl").stat().expiresAtMillis()).isPositive();
    blocking.create("/expiry", null);
    ZnodeStat renewed = blocking.setExpiry("/expiry", ofSeconds(600));
    assertThat(renewed.expiresAtMillis()).isPositive();
    assertThat(renewed.version()).isZero();
    assertThat(blocking.clearExpiry("/expiry").expiresAtMillis()).isZero();
    assertThatThrownBy(() -> blocking.setExpiry("/none", ofSeconds(1)))
        .isInstanceOf(NoNodeException.class);
  }

  @Test
  void countsAndEphemerals_areThoseOfTheNamespace() throws InterruptedException {
    try (QuorateClient shop =
        QuorateClient.builder(ensemble.connectString()).namespace("/shop").build()) {
      shop.blocking().create("/e2", null, CreateMode.EPHEMERAL);
      shop.blocking().create("/e1", null, CreateMode.EPHEMERAL);
      assertThat(shop.blocking().ephemerals()).containsExactly("/e1", "/e2");
      assertThat(shop.blocking().ephemeralsPage("", "/e1", 5).paths()).containsExactly("/e2");
      assertThat(shop.blocking().subtreeCount("/")).isEqualTo(2);
      assertThatThrownBy(() -> shop.blocking().subtreeCount("/none"))
          .isInstanceOf(NoNodeException.class);
    }
  }

  @Test
  void readsInAMulti_seeWhatTheOperationsBeforeThemDid() throws InterruptedException {
    MultiResult result =
        blocking.multi(
            Op.create("/read", "x".getBytes(UTF_8)),
            Op.get("/read"),
            Op.exists("/read/none"),
            Op.children("/read", "", 5));
    assertThat(result.znode(1).data()).isEqualTo("x".getBytes(UTF_8));
    assertThat(result.existence(2)).isEmpty();
    assertThat(result.children(3).names()).isEmpty();
    assertThatThrownBy(() -> blocking.multi(Op.delete("/read"), Op.get("/read")))
        .isInstanceOf(NoNodeException.class)
        .hasMessageContaining("operation 1 (get /read)");
  }
}
