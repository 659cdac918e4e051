package io.quorate.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.ReadOp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client over sockets, against servers that are strict about what it sends. */
final class QuorateClientTest {
  private FakeEnsemble ensemble;
  private QuorateClient client;

  @BeforeEach
  void start() throws IOException {
    ensemble = new FakeEnsemble(3);
    client = client().build();
  }

  @AfterEach
  void stop() {
    client.close();
    ensemble.close();
    assertThat(ensemble.violations).isEmpty();
  }

  private QuorateClientBuilder client() {
    return QuorateClient.builder(ensemble.addresses())
        .clientName("tester")
        .requestTimeout(ofSeconds(20));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
    T taken = queue.poll(20, TimeUnit.SECONDS);
    assertThat(taken).as("nothing came within 20 s").isNotNull();
    return taken;
  }

  // ---- operations
  // --------------------------------------------------------------------------------

  @Test
  void operations_giveTheirResults() throws Exception {
    BlockingClient blocking = client.blocking();
    Created created = blocking.create("/a", bytes("one"));
    assertThat(created.path()).isEqualTo("/a");
    assertThat(blocking.get("/a").data()).isEqualTo(bytes("one"));
    assertThat(blocking.set("/a", null).version()).isEqualTo(1);
    assertThat(blocking.get("/a", Consistency.LINEARIZABLE).data()).isNull();
    assertThat(blocking.exists("/a")).hasValueSatisfying(s -> s.version());
    assertThat(blocking.exists("/b")).isEmpty();
    assertThat(blocking.create("/a/s-", bytes("x"), CreateMode.EPHEMERAL_SEQUENTIAL).path())
        .isEqualTo("/a/s-0000000000");
    assertThat(blocking.children("/a").names()).containsExactly("s-0000000000");
    MultiResult result =
        blocking.multi(
            Op.check("/a", 1),
            Op.create("/a/b", null),
            Op.set("/a", bytes("two"), 1),
            Op.delete("/a/b"),
            Op.guard("/a", created.stat().czxid()));
    assertThat(result.created(1).path()).isEqualTo("/a/b");
    assertThat(result.stat(2).version()).isEqualTo(2);
    blocking.sync();
  }

  @Test
  void refusedOperations_throwTheirTypeWithTheStackOfTheCaller() throws Exception {
    BlockingClient blocking = client.blocking();
    blocking.create("/a", null);
    assertThatThrownBy(() -> blocking.create("/a", null)).isInstanceOf(NodeExistsException.class);
    assertThatThrownBy(() -> blocking.get("/none")).isInstanceOf(NoNodeException.class);
    blocking.create("/a/b", null);
    assertThatThrownBy(() -> blocking.delete("/a")).isInstanceOf(NotEmptyException.class);
    blocking.create("/e", null, CreateMode.EPHEMERAL);
    assertThatThrownBy(() -> blocking.create("/e/x", null))
        .isInstanceOf(NoChildrenForEphemeralsException.class);
    BadVersionException bad =
        catchThrowableOfType(
            BadVersionException.class,
            () -> blocking.multi(Op.check("/a", 0), Op.set("/a/b", null, 7)));
    assertThat(bad.opIndex()).isEqualTo(1);
    assertThat(bad.path()).isEqualTo("/a/b");
    assertThat(bad.expected()).isEqualTo(7);
    assertThat(bad.found()).isZero();
    assertThat(bad)
        .hasMessageContaining("/a/b")
        .hasMessageContaining("expected version 7, found 0");
    assertThat(bad.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().contains("refusedOperations"));
    GrantLostException lost =
        catchThrowableOfType(
            GrantLostException.class, () -> blocking.multi(Op.guard("/a", 5), Op.delete("/a/b")));
    assertThat(lost.expected()).isEqualTo(5);
    assertThatThrownBy(() -> blocking.multi(Op.checkCzxid("/a", 5)))
        .isInstanceOf(CzxidMismatchException.class);
  }

  @Test
  void badArguments_throwAtTheCall() {
    assertThatThrownBy(() -> client.get("a")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.create("/a/", null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.set("/a", new byte[(1 << 20) + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data of at most 1048576 bytes expected, found 1048577");
    Op half = Op.create("/" + "\u4e2d".repeat(8_000), new byte[500 << 10]);
    assertThatThrownBy(() -> client.multi(half, half, half))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a request of at most");
    assertThatThrownBy(() -> client.multi(half, half, Op.set("/a", new byte[64 << 10])))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.multi()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> QuorateClient.builder("").build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> QuorateClient.builder("h:0").build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void moreChildrenThanAPageHolds_areAllListed() throws Exception {
    client.blocking().create("/p", null);
    List<CompletableFuture<Created>> creates = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      creates.add(client.create("/p/n-", null, CreateMode.PERSISTENT_SEQUENTIAL));
    }
    for (CompletableFuture<Created> create : creates) {
      client.blocking().await(create);
    }
    List<String> names = client.blocking().children("/p").names();
    assertThat(names).hasSize(2500).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void namespace_isCreatedAndHidden() throws Exception {
    try (QuorateClient shop = client().namespace("/shop/eu").build()) {
      assertThat(shop.blocking().create("/a", null).path()).isEqualTo("/a");
      BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
      shop.blocking().get("/a", events::add);
      shop.blocking().set("/a", bytes("x"));
      assertThat(take(events).path()).isEqualTo("/a");
      assertThat(shop.blocking().children("/").names()).containsExactly("a");
    }
    assertThat(client.blocking().get("/shop/eu/a").data()).isEqualTo(bytes("x"));
  }

  @Test
  void accessAndLifetimes_areWrittenAndReadBack() throws Exception {
    BlockingClient blocking = client.blocking();
    CreateOptions options =
        CreateOptions.timeToLive(ofSeconds(5)).withAcl(Acl.READ_ONLY).withExpiry(ofSeconds(7));
    Created created = blocking.create("/a", bytes("x"), options);
    assertThat(created.stat().expiresAtMillis()).isEqualTo(7_000);
    assertThat(blocking.getAcl("/a").acl()).isEqualTo(Acl.READ_ONLY);
    assertThat(blocking.setAcl("/a", Acl.OPEN, 0).aversion()).isEqualTo(1);
    BadVersionException bad =
        catchThrowableOfType(BadVersionException.class, () -> blocking.setAcl("/a", Acl.OPEN, 0));
    assertThat(bad.found()).isEqualTo(1);
    assertThat(blocking.setExpiry("/a", ofMillis(9)).expiresAtMillis()).isEqualTo(9);
    assertThat(blocking.clearExpiry("/a").expiresAtMillis()).isZero();
    assertThatThrownBy(() -> blocking.setExpiry("/none", ofMillis(9)))
        .isInstanceOf(NoNodeException.class);
  }

  @Test
  void lifetimesThatCanNotBe_areRefusedAtTheCall() {
    assertThatThrownBy(() -> client.create("/a", null, CreateMode.PERSISTENT_TTL))
        .hasMessageContaining("needs a time to live");
    assertThatThrownBy(() -> CreateOptions.DEFAULT.withTtl(ofSeconds(1)))
        .hasMessageContaining("PERSISTENT has no time to live");
    assertThatThrownBy(() -> CreateOptions.DEFAULT.withExpiry(ofMillis(-1)))
        .hasMessageContaining("expiry must be in");
    assertThatThrownBy(() -> CreateOptions.DEFAULT.withAcl(List.of()))
        .hasMessageContaining("at least one entry");
    assertThatThrownBy(() -> client.setExpiry("/a", Duration.ZERO))
        .hasMessageContaining("expiry must be in");
    assertThatThrownBy(() -> client.childrenPage("/a", "", 0)).hasMessageContaining("found 0");
    assertThatThrownBy(() -> client.addCredential("digest", "")).hasMessageContaining("found 0");
  }

  @Test
  void readsInAMulti_seeWhatTheOperationsBeforeThemDid() throws Exception {
    BlockingClient blocking = client.blocking();
    blocking.create("/a", bytes("one"));
    MultiResult result =
        blocking.multi(
            Op.set("/a", bytes("two")),
            Op.get("/a"),
            Op.create("/a/b", null),
            Op.children("/a", "", 10),
            Op.exists("/none"),
            Op.exists("/a/b"),
            Op.subtreeCount("/a"),
            Op.setAcl("/a", Acl.READ_ONLY),
            Op.getAcl("/a"),
            Op.setExpiry("/a", ofSeconds(1)));
    assertThat(result.znode(1).data()).isEqualTo(bytes("two"));
    assertThat(result.children(3).names()).containsExactly("b");
    assertThat(result.existence(4)).isEmpty();
    assertThat(result.existence(5)).isPresent();
    assertThat(result.count(6)).isEqualTo(1);
    assertThat(result.acl(8).acl()).isEqualTo(Acl.READ_ONLY);
    assertThat(result.stat(9).expiresAtMillis()).isEqualTo(1_000);
    assertThatThrownBy(() -> result.znode(0))
        .hasMessage("operation 0 answered DataSet, asked for Data");
    NoNodeException none =
        catchThrowableOfType(
            NoNodeException.class,
            () -> blocking.multi(Op.set("/a", bytes("secret")), Op.get("/none")));
    assertThat(none).hasMessage("multi, operation 1 (get /none): no such znode");
  }

  @Test
  void pagesOfChildren_areWalkedWithoutHoldingThem() throws Exception {
    BlockingClient blocking = client.blocking();
    blocking.create("/p", null);
    for (String name : List.of("d", "b", "a", "c")) {
      blocking.create("/p/" + name, null);
    }
    ChildrenPage first = blocking.childrenPage("/p", "", 3);
    assertThat(first.names()).containsExactly("a", "b", "c");
    assertThat(first.more()).isTrue();
    ChildrenPage second = blocking.childrenPage("/p", first.last(), 3);
    assertThat(second.names()).containsExactly("d");
    assertThat(second.more()).isFalse();
    List<String> walked = new ArrayList<>();
    assertThat(blocking.forEachChild("/p", walked::add)).isEqualTo(4);
    assertThat(walked).containsExactly("a", "b", "c", "d");
    List<String> again = new ArrayList<>();
    assertThat(blocking.await(client.forEachChild("/p", again::add))).isEqualTo(4);
    assertThat(again).isEqualTo(walked);
    assertThat(blocking.children("/p").atOneInstant()).isTrue();
    assertThat(blocking.subtreeCount("/p")).isEqualTo(4);
  }

  @Test
  void namespace_showsNothingOfItsNeighbours() throws Exception {
    client.blocking().create("/shopping", null);
    try (QuorateClient shop = client().namespace("/shop").build()) {
      BlockingClient blocking = shop.blocking();
      BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
      blocking.watch("/", WatchScope.RECURSIVE, events::add);
      blocking.create("/e", null, CreateMode.EPHEMERAL);
      client.blocking().create("/shopping/x", null);
      blocking.create("/f", null, CreateMode.EPHEMERAL);
      assertThat(take(events).path()).isEqualTo("/e");
      assertThat(take(events).path()).isEqualTo("/f");
      for (String prefix : List.of("", "/")) {
        assertThat(blocking.ephemerals(prefix)).containsExactly("/e", "/f");
      }
      assertThat(blocking.ephemerals("/f")).containsExactly("/f");
      PathsPage page = blocking.ephemeralsPage("", "", 1);
      assertThat(page).isEqualTo(new PathsPage(List.of("/e"), true));
      assertThat(blocking.ephemeralsPage("", page.last(), 1).paths()).containsExactly("/f");
      assertThat(blocking.subtreeCount("/")).isEqualTo(2);
      MultiResult result = blocking.multi(Op.create("/g", null), Op.get("/g"));
      assertThat(result.created(0).path()).isEqualTo("/g");
      NoNodeException none =
          catchThrowableOfType(NoNodeException.class, () -> blocking.multi(Op.delete("/none")));
      assertThat(none.path()).isEqualTo("/none");
      assertThat(none).hasMessageNotContaining("/shop");
    }
  }

  @Test
  void prefixOfEphemerals_doesNotReachIntoANeighbourOfTheSameBeginning() {
    Paths shop = new Paths("/shop");
    for (String prefix : List.of("", "/")) {
      ReadOp op = shop.inside(new ReadOp.Ephemerals(prefix, "", 5));
      assertThat(op).isEqualTo(new ReadOp.Ephemerals("/shop/", "", 5));
    }
    assertThatThrownBy(() -> shop.outside("/shopping/e")).hasMessageContaining("outside");
  }

  @Test
  void recursiveWatch_hearsOfWhatIsBelow() throws Exception {
    BlockingClient blocking = client.blocking();
    blocking.create("/a", null);
    BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
    BlockingQueue<String> resyncs = new LinkedBlockingQueue<>();
    Watch watch =
        client.watch("/a", WatchScope.RECURSIVE, events::add).onResync(() -> resyncs.add("!"));
    blocking.await(watch.registered());
    blocking.create("/a/b", null);
    blocking.create("/a/b/c", null);
    blocking.set("/a", bytes("x"));
    assertThat(take(events).path()).isEqualTo("/a/b");
    assertThat(take(events).path()).isEqualTo("/a/b/c");
    assertThat(take(events).type()).isEqualTo(ZnodeEvent.Type.DATA_CHANGED);
    ensemble.expireSessions();
    take(resyncs);
    blocking.create("/a/b/d", null);
    assertThat(take(events).path()).isEqualTo("/a/b/d");
    watch.close();
  }

  // ---- credentials
  // --------------------------------------------------------------------------------

  @Test
  void credentials_arePresentedOnEveryConnection() throws Exception {
    try (QuorateClient ann = client().credential("digest", "ann:1").build()) {
      BlockingClient blocking = ann.blocking();
      assertThat(blocking.whoAmI()).extracting(Identity::id).containsExactly("127.0.0.1", "ann");
      blocking.addCredential("digest", "bob:2");
      assertThat(blocking.whoAmI()).extracting(Identity::id).contains("ann", "bob");
      ensemble.dropConnections();
      assertThat(blocking.whoAmI()).extracting(Identity::id).contains("ann", "bob");
      ensemble.expireSessions();
      assertThat(retried(blocking::whoAmI)).extracting(Identity::id).contains("ann", "bob");
    }
  }

  /** A read may be the one that hears of the lost session. */
  private static <T> T retried(Callable<T> read) throws Exception {
    try {
      return read.call();
    } catch (SessionLostException e) {
      return read.call();
    }
  }

  @Test
  void refusedCredentials_areToldAndTheRestGoesOn() throws Exception {
    AuthFailedException unknown =
        catchThrowableOfType(
            AuthFailedException.class, () -> client.blocking().addCredential("magic", "secret"));
    assertThat(unknown.scheme()).isEqualTo("magic");
    assertThat(unknown).hasMessageNotContaining("secret");
    ensemble.refuseCredentials();
    BlockingQueue<AuthFailedException> refused = new LinkedBlockingQueue<>();
    try (QuorateClient ann =
        client().credential("digest", "ann:secret").onCredentialRefused(refused::add).build()) {
      assertThat(take(refused)).hasMessageContaining("digest").hasMessageNotContaining("secret");
      ann.blocking().create("/still", null);
    }
  }

  // ---- reconnects
  // --------------------------------------------------------------------------------

  @Test
  void lostReplies_areAskedForAgainAndTheWriteHappensOnce() throws Exception {
    client.blocking().create("/a", null);
    int before = ensemble.writesApplied();
    ensemble.swallowReplies(3);
    assertThat(client.blocking().set("/a", bytes("x")).version()).isEqualTo(1);
    assertThat(ensemble.writesApplied() - before).isEqualTo(1);
    assertThat(client.state()).isEqualTo(ConnectionState.CONNECTED);
  }

  @Test
  void pipelinedWritesAcrossManyReconnects_happenOnceInOrder() throws Exception {
    client.blocking().create("/a", null);
    int before = ensemble.writesApplied();
    List<CompletableFuture<?>> sets = new ArrayList<>();
    for (int i = 1; i <= 500; i++) {
      int expected = i;
      sets.add(
          client
              .set("/a", bytes("" + i), i - 1)
              .thenAccept(s -> assertThat(s.version()).isEqualTo(expected)));
      if (i % 50 == 0) {
        ensemble.dropConnections();
      }
      if (i % 120 == 0) {
        ensemble.swallowReplies(2);
      }
    }
    for (CompletableFuture<?> set : sets) {
      client.blocking().await(set);
    }
    assertThat(ensemble.writesApplied() - before).isEqualTo(500);
  }

  @Test
  void serversThatRefuse_areLeftForOthersUntilOneServes() throws Exception {
    client.blocking().create("/a", null);
    ensemble.refuse(ErrorCode.NOT_SERVING);
    ensemble.dropConnections();
    CompletableFuture<Znode> read = client.get("/a");
    BlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
    assertThat(read.isDone()).isFalse();
    client.onStateChange(states::add);
    ensemble.refuse(null);
    client.blocking().await(read);
  }

  @Test
  void largestDataUnderALongPath_isSent() throws Exception {
    String path = "/" + "\u4e2d".repeat(8_000);
    client.blocking().create(path, new byte[1 << 20]);
    assertThat(client.blocking().get(path).data()).hasSize(1 << 20);
  }

  @Test
  void refusedOpenings_areTheServersAnswer() throws Exception {
    ensemble.refuse(ErrorCode.INSUFFICIENT_SPACE);
    try (QuorateClient late =
        QuorateClient.builder(ensemble.addresses()).requestTimeout(ofMillis(300)).build()) {
      assertThatThrownBy(() -> late.blocking().create("/a", null))
          .isInstanceOf(InsufficientSpaceException.class)
          .hasMessageContaining("create /a: no session within 300 ms: 127.0.0.1:")
          .hasMessageContaining("answers INSUFFICIENT_SPACE: as the test wants");
      ensemble.refuse(ErrorCode.NOT_SERVING);
      assertThatThrownBy(() -> late.blocking().get("/a"))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("answers NOT_SERVING: as the test wants");
      ensemble.refuse(null);
      late.withRequestTimeout(ofMillis(5_000)).blocking().create("/a", null);
      ensemble.fallSilent(true);
      assertThatThrownBy(() -> late.blocking().get("/a"))
          .as("what was refused before is not the cause any more")
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("get /a: no answer within 300 ms");
    } finally {
      ensemble.fallSilent(false);
    }
  }

  @Test
  void noServerAtAll_failsAtTheDeadlineWithEachAddressAndItsCause() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    try (QuorateClient lonely =
        QuorateClient.builder("127.0.0.1:" + port + ",no-such-host.invalid:2181")
            .requestTimeout(ofMillis(1500))
            .build()) {
      UnavailableException failure =
          catchThrowableOfType(UnavailableException.class, () -> lonely.blocking().get("/a"));
      assertThat(failure)
          .hasMessageContaining("get /a")
          .hasMessageContaining("127.0.0.1:" + port + ": ")
          .hasMessageContaining("refused")
          .hasMessageContaining("no-such-host.invalid:2181: unknown host");
      assertThat(lonely.state()).isEqualTo(ConnectionState.SUSPENDED);
      assertThat(lonely.safeUntil().hasPassed()).isTrue();
    }
  }

  @Test
  void silentServers_leaveTheOutcomeOfAWriteUnknown() throws Exception {
    client.blocking().create("/a", null);
    ensemble.fallSilent(true);
    QuorateClient hasty = client.withRequestTimeout(ofMillis(300));
    assertThatThrownBy(() -> hasty.blocking().set("/a", bytes("x")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("set /a");
    assertThatThrownBy(() -> hasty.blocking().get("/a")).isInstanceOf(UnavailableException.class);
    ensemble.fallSilent(false);
    ensemble.dropConnections();
    assertThat(client.blocking().get("/a").stat().version()).isEqualTo(1);
  }

  // ---- sessions
  // ----------------------------------------------------------------------------------

  @Test
  void expiredSession_isReportedAndTheNextOneOpened() throws Exception {
    BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    client.blocking().create("/e", null, CreateMode.EPHEMERAL);
    long first = client.sessionId();
    assertThat(client.safeUntil().hasPassed()).isFalse();
    client.onSessionLost(loss -> heard.add(loss.sessionId()));
    client.onStateChange(heard::add);
    ensemble.expireSessions();
    assertThat(take(heard)).isEqualTo(first);
    assertThat(take(heard)).isEqualTo(ConnectionState.LOST);
    assertThat(take(heard)).isEqualTo(ConnectionState.CONNECTED);
    assertThat(client.sessionId()).isGreaterThan(first);
    assertThat(client.blocking().exists("/e")).isEmpty();
  }

  @Test
  void close_endsTheSessionAfterWhatWasAsked() throws Exception {
    QuorateClient other = client().build();
    CompletableFuture<Created> create = other.create("/e", null, CreateMode.EPHEMERAL);
    BlockingQueue<SessionLoss> losses = new LinkedBlockingQueue<>();
    other.onSessionLost(losses::add);
    other.close();
    assertThat(create).isCompletedWithValueMatching(c -> c.path().equals("/e"));
    assertThat(losses).hasSize(1);
    assertThat(other.state()).isEqualTo(ConnectionState.LOST);
    assertThat(other.safeUntil().hasPassed()).isTrue();
    assertThat(client.blocking().exists("/e")).isEmpty();
    assertThat(ensemble.sessionCount()).isEqualTo(1);
    assertThatThrownBy(() -> other.blocking().get("/a")).isInstanceOf(ClientClosedException.class);
    other.close();
  }

  @Test
  void frozenClient_losesItsSessionBeforeItHearsAnythingElse() throws Exception {
    ensemble.grant(1_000);
    try (QuorateClient frozen = client().build()) {
      frozen.blocking().create("/f", null);
      BlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
      frozen.onStateChange(states::add);
      CompletableFuture<Void> sync;
      try (Subscription thaw = ClientFreeze.freeze(frozen)) {
        sync = frozen.sync();
        CountDownLatch passed = new CountDownLatch(1);
        client.scheduler().schedule(ofMillis(1_200), passed::countDown);
        assertThat(passed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(frozen.safeUntil().hasPassed()).isTrue();
        assertThat(states).isEmpty();
        assertThat(sync).isNotDone();
      }
      assertThat(take(states)).isEqualTo(ConnectionState.LOST);
      assertThat(take(states)).isEqualTo(ConnectionState.CONNECTED);
      client.blocking().await(sync);
    }
  }

  @Test
  void silence_isLostNoLaterThanTheSafeDeadline() throws Exception {
    ensemble.grant(1_000);
    try (QuorateClient lonely = client().build()) {
      lonely.blocking().create("/s", null);
      ensemble.fallSilent(true);
      CompletableFuture<Boolean> passedWhenLost = new CompletableFuture<>();
      lonely.onSessionLost(loss -> passedWhenLost.complete(lonely.safeUntil().hasPassed()));
      assertThat(passedWhenLost.get(20, TimeUnit.SECONDS)).isTrue();
      ensemble.fallSilent(false);
    }
  }

  // ---- watches
  // -----------------------------------------------------------------------------------

  @Test
  void oneShotWatches_fireOnce() throws Exception {
    BlockingClient blocking = client.blocking();
    BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
    assertThat(blocking.exists("/a", events::add)).isEmpty();
    blocking.create("/a", null);
    assertThat(take(events).type()).isEqualTo(ZnodeEvent.Type.CREATED);
    blocking.get("/a", events::add);
    blocking.set("/a", null);
    blocking.set("/a", null);
    assertThat(take(events).type()).isEqualTo(ZnodeEvent.Type.DATA_CHANGED);
    blocking.children("/a", events::add);
    blocking.create("/a/b", null);
    assertThat(take(events).type()).isEqualTo(ZnodeEvent.Type.CHILDREN_CHANGED);
    assertThat(events).isEmpty();
  }

  @Test
  void eventComesBeforeTheReplyThatShowsItsChange() throws Exception {
    List<String> order = new java.util.concurrent.CopyOnWriteArrayList<>();
    client.blocking().create("/a", null);
    client.blocking().watch("/a", event -> order.add("event"));
    for (int i = 0; i < 100; i++) {
      client.blocking().await(client.set("/a", null).thenAccept(s -> order.add("reply")));
    }
    assertThat(order).hasSize(200);
    for (int i = 0; i < 200; i += 2) {
      assertThat(order.get(i)).isEqualTo("event");
      assertThat(order.get(i + 1)).isEqualTo("reply");
    }
  }

  @Test
  void persistentWatch_resyncsAfterReconnectsAndSessionsAndEndsWhenClosed() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Watch watch =
        client
            .blocking()
            .watch("/w", event -> heard.add(event.type().name()))
            .onResync(() -> heard.add("resync"));
    ensemble.createFromElsewhere("/w");
    assertThat(take(heard)).isEqualTo("CREATED");
    ensemble.dropConnections();
    assertThat(take(heard)).isEqualTo("resync");
    ensemble.setFromElsewhere("/w", bytes("x"));
    assertThat(take(heard)).isEqualTo("DATA_CHANGED");
    ensemble.expireSessions();
    assertThat(take(heard)).isEqualTo("resync");
    ensemble.setFromElsewhere("/w", bytes("y"));
    assertThat(take(heard)).isEqualTo("DATA_CHANGED");
    watch.close();
    client.blocking().sync();
    ensemble.setFromElsewhere("/w", bytes("z"));
    client.blocking().sync();
    assertThat(heard).isEmpty();
  }

  @Test
  void oneShotWatch_firesForWhatHappenedWhileDisconnected() throws Exception {
    BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
    client.blocking().create("/a", null);
    client.blocking().get("/a", events::add);
    ensemble.refuse(ErrorCode.NOT_SERVING);
    ensemble.dropConnections();
    ensemble.setFromElsewhere("/a", bytes("x"));
    ensemble.refuse(null);
    assertThat(take(events).type()).isEqualTo(ZnodeEvent.Type.DATA_CHANGED);
  }

  @Test
  void oneShotWatch_isToldWhenItsSessionIsLost() throws Exception {
    BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
    client.blocking().exists("/a", events::add);
    ensemble.expireSessions();
    assertThat(take(events)).isEqualTo(new ZnodeEvent(ZnodeEvent.Type.RESYNC, "/a", 0));
  }

  // ---- callbacks
  // ---------------------------------------------------------------------------------

  @Test
  void waitingOnACallbackThread_throwsAndSaysWhatToDo() {
    CompletableFuture<Object> inside =
        client
            .create("/a", null)
            .thenApply(
                created -> {
                  try {
                    return client.blocking().get("/a");
                  } catch (InterruptedException e) {
                    return e;
                  }
                });
    assertThatThrownBy(() -> inside.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("callback thread");
  }

  @Test
  void slowAndThrowingListeners_doNotHoldUpOthers() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    client.blocking().create("/a", null);
    BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
    client
        .blocking()
        .watch(
            "/a",
            event -> {
              try {
                release.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    client
        .blocking()
        .watch(
            "/a",
            event -> {
              throw new IllegalStateException("on purpose");
            });
    client.blocking().watch("/a", events::add);
    client.blocking().set("/a", null);
    take(events);
    client.blocking().set("/a", null);
    take(events);
    release.countDown();
  }

  @Test
  void usersExecutor_runsTheCallbacks() throws Exception {
    java.util.concurrent.ExecutorService mine =
        java.util.concurrent.Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
    try (QuorateClient other = client().executor(mine).build()) {
      CompletableFuture<String> name =
          other.sync().thenApply(done -> Thread.currentThread().getName());
      assertThat(name.get(20, TimeUnit.SECONDS)).isIn("mine", Thread.currentThread().getName());
      CompletableFuture<String> heard = new CompletableFuture<>();
      other.blocking().create("/x", null);
      other.blocking().get("/x", event -> heard.complete(Thread.currentThread().getName()));
      other.blocking().set("/x", null);
      assertThat(heard.get(20, TimeUnit.SECONDS)).isEqualTo("mine");
    } finally {
      mine.shutdown();
    }
  }

  @Test
  void usersBlockedOnlyThread_tellsOfAPassedDeadlineWhenItIsFreeAgain() throws Exception {
    java.util.concurrent.ExecutorService mine =
        java.util.concurrent.Executors.newSingleThreadExecutor();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (QuorateClient other = client().requestTimeout(ofMillis(300)).executor(mine).build()) {
      mine.execute(
          () -> {
            begun.countDown();
            try {
              release.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      begun.await();
      ensemble.fallSilent(true);
      CompletableFuture<Void> late = other.sync();
      assertThatThrownBy(() -> late.get(1, TimeUnit.SECONDS))
          .isInstanceOf(java.util.concurrent.TimeoutException.class);
      ensemble.fallSilent(false);
      release.countDown();
      assertThatThrownBy(() -> late.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(UnavailableException.class);
    } finally {
      release.countDown();
      mine.shutdown();
    }
  }

  @Test
  void callbacksThatLag_stopTheClientFromReadingAndAreAllCalledInTheEnd() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    java.util.concurrent.ExecutorService mine =
        java.util.concurrent.Executors.newSingleThreadExecutor();
    CountDownLatch release = new CountDownLatch(1);
    try (QuorateClient other = client().executor(mine).meters(registry).build()) {
      other.blocking().create("/large", new byte[1_000_000]);
      mine.execute(
          () -> {
            try {
              release.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      int count = 60;
      List<CompletableFuture<Integer>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        all.add(other.get("/large").thenApply(found -> found.data().length));
      }
      Gauge unread = registry.get("quorate.client.inflight").gauge();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (unread.value() > count - 16) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        LockSupport.parkNanos(1_000_000);
      }
      // 16 MiB wait for the executor; the rest stays in the sockets and in the server.
      long quietUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
      while (System.nanoTime() < quietUntil) {
        assertThat(unread.value()).isGreaterThan(20);
        LockSupport.parkNanos(1_000_000);
      }
      release.countDown();
      for (CompletableFuture<Integer> each : all) {
        assertThat(each.get(20, TimeUnit.SECONDS)).isEqualTo(1_000_000);
      }
    } finally {
      release.countDown();
      mine.shutdown();
    }
  }

  // ---- the rest
  // ----------------------------------------------------------------------------------

  @Test
  void meters_countRequestsByOperationAndOutcome() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (QuorateClient metered = client().meters(registry).build()) {
      metered.blocking().create("/m", null);
      assertThatThrownBy(() -> metered.blocking().create("/m", null))
          .isInstanceOf(NodeExistsException.class);
      BlockingQueue<SessionLoss> losses = new LinkedBlockingQueue<>();
      metered.onSessionLost(losses::add);
      ensemble.expireSessions();
      take(losses);
      metered.blocking().sync();
      assertThat(registry.get("quorate.client.sessions.lost").counter().count()).isEqualTo(1);
      assertThat(timer(registry, "create", "OK")).isEqualTo(1);
      assertThat(timer(registry, "create", "NODE_EXISTS")).isEqualTo(1);
      assertThat(registry.get("quorate.client.inflight").gauge().value()).isZero();
    }
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void meters_countWatchEventsByTypeAndTimeCallbacks() throws Exception {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (QuorateClient metered = client().meters(registry).build()) {
      BlockingQueue<ZnodeEvent> events = new LinkedBlockingQueue<>();
      metered
          .blocking()
          .watch(
              "/w",
              event -> {
                LockSupport.parkNanos(20_000_000);
                events.add(event);
              });
      metered.blocking().create("/w", null);
      metered.blocking().set("/w", bytes("x"));
      metered.blocking().set("/w", bytes("y"));
      take(events);
      take(events);
      take(events);
      metered.blocking().sync(); // callbacks run one after the other
      assertThat(events(registry, ZnodeEvent.Type.CREATED)).isEqualTo(1);
      assertThat(events(registry, ZnodeEvent.Type.DATA_CHANGED)).isEqualTo(2);
      assertThat(events(registry, ZnodeEvent.Type.DELETED)).isZero();
      assertThat(events(registry, ZnodeEvent.Type.RESYNC)).isZero();
      Timer run = registry.get("quorate.client.callbacks.run").timer();
      assertThat(run.count()).isGreaterThanOrEqualTo(6);
      assertThat(run.totalTime(TimeUnit.MILLISECONDS)).isGreaterThan(3 * 19);
      Timer wait = registry.get("quorate.client.callbacks.wait").timer();
      assertThat(wait.count()).isGreaterThanOrEqualTo(6);
      // The answer of each change waits behind the callback of its event.
      assertThat(wait.totalTime(TimeUnit.MILLISECONDS)).isGreaterThan(3 * 10);
      ensemble.expireSessions();
      assertThat(take(events).type()).isEqualTo(ZnodeEvent.Type.RESYNC);
      assertThat(events(registry, ZnodeEvent.Type.RESYNC)).isEqualTo(1);
    }
    assertThat(registry.getMeters()).isEmpty();
  }

  private static double events(SimpleMeterRegistry registry, ZnodeEvent.Type type) {
    return registry.get("quorate.client.watch.events").tag("type", type.name()).counter().count();
  }

  private static long timer(SimpleMeterRegistry registry, String op, String outcome) {
    return registry
        .get("quorate.client.requests")
        .tag("op", op)
        .tag("outcome", outcome)
        .timer()
        .count();
  }

  @Test
  void status_isAskedWithoutASession() throws Exception {
    String first = ensemble.addresses().split(",")[0];
    ServerStatus status = QuorateClient.status(first, ofSeconds(20)).get(20, TimeUnit.SECONDS);
    assertThat(status.serverId()).isEqualTo(1);
    assertThat(status.role()).isEqualTo("leader");
    assertThat(status.digest()).isEqualTo(7);
  }
}
