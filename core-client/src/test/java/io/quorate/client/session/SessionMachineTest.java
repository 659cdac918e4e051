package io.quorate.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.session.SessionOutput.Answered;
import io.quorate.client.session.SessionOutput.Reason;
import io.quorate.client.session.SessionOutput.Unanswered;
import io.quorate.client.watch.WatchNotice;
import io.quorate.data.Credential;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The session machine, input by input, with a clock that stands where the test puts it. */
final class SessionMachineTest {
  private static final long MILLI = 1_000_000L;
  private static final long TIMEOUT = 10_000 * MILLI;
  private static final long SAFE = TIMEOUT / 10 * 9;
  private static final long NEVER = Long.MAX_VALUE;
  private static final byte[] SECRET = new byte[16];
  private static final ZnodeStat STAT = new ZnodeStat(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0);

  private SessionMachine machine = machine(List.of("a:1", "b:1", "c:1"));
  private long now = 1_000 * MILLI;
  private long zxid = 100;
  private List<SessionOutput> last = List.of();
  private final List<SessionOutput> all = new ArrayList<>();
  private long connection;

  private static SessionMachine machine(List<String> servers) {
    return new SessionMachine(
        new SessionConfig(servers, 10_000, "me", List.of(), 4, 1 << 20), () -> 7L);
  }

  // ---- driving
  // -----------------------------------------------------------------------------------

  private void step(SessionInput input) {
    last = machine.step(input, now);
    all.addAll(last);
    for (SessionOutput output : last) {
      if (output instanceof SessionOutput.Connect connect) {
        connection = connect.connection();
      }
    }
  }

  private void tick() {
    step(new SessionInput.Tick());
  }

  private void receive(ServerMessage message) {
    step(new SessionInput.Received(connection, message));
  }

  private void connected() {
    step(new SessionInput.Connected(connection));
  }

  private void disconnect() {
    step(new SessionInput.Disconnected(connection, "reset"));
    waitForConnect();
  }

  /** Ticks until the machine connects. */
  private void waitForConnect() {
    while (count(SessionOutput.Connect.class) == 0) {
      now = machine.nextTickNanos();
      tick();
    }
  }

  private void open() {
    tick();
    connected();
    receive(opened());
  }

  private ServerMessage opened() {
    zxid++;
    return new ServerMessage.SessionOpened(zxid, SECRET, 10_000, zxid, 3, 1);
  }

  private void attach() {
    connected();
    zxid++;
    receive(new ServerMessage.SessionAttached(machine.sessionId(), 10_000, zxid, 3, 2));
  }

  private void write(Object handle) {
    write(handle, NEVER);
  }

  private void write(Object handle, long deadline) {
    step(
        new SessionInput.Submit(
            handle, new SessionRequest.Write(new WriteOp.Delete("/" + handle, -1)), deadline));
  }

  private void read(Object handle, long deadline) {
    step(
        new SessionInput.Submit(
            handle, SessionRequest.Read.plain(new ReadOp.Get("/" + handle), false), deadline));
  }

  private void answer(long xid) {
    zxid++;
    receive(new ServerMessage.Response(xid, zxid, new OpResult.Deleted()));
  }

  private void fail(long xid, ErrorCode code) {
    receive(new ServerMessage.Response(xid, ++zxid, OpResult.Failure.of(code)));
  }

  // ---- looking
  // -----------------------------------------------------------------------------------

  private <T> List<T> of(Class<T> type) {
    return last.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private int count(Class<?> type) {
    return of(type).size();
  }

  private <T extends ClientMessage> List<T> sent(Class<T> type) {
    return of(SessionOutput.Send.class).stream()
        .map(SessionOutput.Send::message)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private List<Long> sentNumbers() {
    return sent(ClientMessage.Write.class).stream().map(ClientMessage.Write::number).toList();
  }

  private long onlyXid() {
    List<ClientMessage.Write> writes = sent(ClientMessage.Write.class);
    assertThat(writes).hasSize(1);
    return writes.get(0).xid();
  }

  /** Handle to the reason, or to OK, of everything completed so far. */
  private Map<Object, Object> completed() {
    Map<Object, Object> completed = new LinkedHashMap<>();
    for (SessionOutput output : all) {
      if (output instanceof SessionOutput.Complete complete) {
        Object before =
            completed.put(
                complete.handle(),
                complete.outcome() instanceof Unanswered unanswered
                    ? unanswered.reason()
                    : ((Answered) complete.outcome()).result() instanceof OpResult.Failure failure
                        ? failure.code()
                        : "OK");
        assertThat(before).as("completed twice: %s", complete).isNull();
      }
    }
    return completed;
  }

  // ---- opening
  // -----------------------------------------------------------------------------------

  @Test
  void firstTick_connectsAndOpensASession() {
    tick();
    assertThat(last).containsExactly(new SessionOutput.Connect(1, servers().get(0)));
    connected();
    assertThat(last)
        .containsExactly(new SessionOutput.Send(1, new ClientMessage.OpenSession(10_000, "me")));
    long sentAt = now;
    now += 5 * MILLI;
    receive(opened());
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
    assertThat(machine.sessionId()).isEqualTo(101);
    assertThat(machine.safeUntilNanos()).isEqualTo(sentAt + SAFE);
  }

  /** The order that the random bits of this test lead to. */
  private List<String> servers() {
    List<String> order = new ArrayList<>();
    SessionMachine twin = machine(List.of("a:1", "b:1", "c:1"));
    long at = 0;
    for (int i = 0; i < 3; i++) {
      for (SessionOutput output : twin.step(new SessionInput.Tick(), at)) {
        if (output instanceof SessionOutput.Connect connect) {
          order.add(connect.server());
        }
      }
      at = twin.nextTickNanos();
    }
    return order;
  }

  @Test
  void aRoundOfFailures_triesEachServerOnceWithoutPauseThenPausesLongerAndLonger() {
    tick();
    List<String> tried = new ArrayList<>();
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      long failedAt = now;
      step(new SessionInput.Disconnected(connection, "refused"));
      waitForConnect();
      pauses.add(now - failedAt);
      tried.add(of(SessionOutput.Connect.class).get(0).server());
    }
    assertThat(pauses.subList(0, 2)).containsOnly(0L);
    assertThat(pauses.get(2)).isBetween(10 * MILLI, 20 * MILLI);
    assertThat(pauses.get(11)).isGreaterThan(60 * MILLI).isLessThanOrEqualTo(1_000 * MILLI);
    assertThat(tried.subList(0, 3)).containsExactlyInAnyOrder("a:1", "b:1", "c:1");
  }

  @Test
  void sessionOpenedTooLateToBeSafe_isNotUsed() {
    tick();
    connected();
    // The attempt gives up long before; so let the answer and the deadline meet in one step.
    machine = new SessionMachine(SessionConfig.of(List.of("a:1"), 100, "me"), () -> 7L);
    tick();
    connected();
    now += 90 * MILLI;
    zxid++;
    receive(new ServerMessage.SessionOpened(zxid, SECRET, 100, zxid, 3, 1));
    assertThat(machine.sessionId()).isZero();
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
  }

  @Test
  void silentHandshake_isGivenUpForAnotherServer() {
    tick();
    connected();
    now = machine.nextTickNanos();
    tick();
    assertThat(last)
        .hasSize(2)
        .satisfies(
            outputs -> {
              assertThat(outputs.get(0)).isEqualTo(new SessionOutput.Disconnect(1));
              assertThat(outputs.get(1)).isInstanceOf(SessionOutput.Connect.class);
            });
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {
        "NOT_SERVING",
        "SERVER_BEHIND",
        "OVERLOADED",
        "CLOSING",
        "UNIMPLEMENTED",
        "MALFORMED",
        "SESSION_MOVED",
        "SESSION_EXPIRED"
      })
  void refusedOpening_goesToAnotherServer(ErrorCode code) {
    tick();
    connected();
    receive(new ServerMessage.Refused(code, "why"));
    assertThat(count(SessionOutput.Connect.class)).isEqualTo(1);
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
  }

  // ---- credentials
  // --------------------------------------------------------------------------------

  private static Credential credential(String text) {
    return new Credential("digest", text.getBytes(StandardCharsets.UTF_8));
  }

  private void authenticate(Object handle, String text, long deadline) {
    step(
        new SessionInput.Submit(
            handle, new SessionRequest.Authenticate(credential(text)), deadline));
  }

  private static SessionMachine machineWith(String... credentials) {
    List<Credential> held = Arrays.stream(credentials).map(SessionMachineTest::credential).toList();
    return new SessionMachine(
        new SessionConfig(List.of("a:1", "b:1"), 10_000, "me", held, 4, 1 << 20), () -> 7L);
  }

  /** What was sent last, in order, with credentials as their text; without pings. */
  private List<String> sentInOrder() {
    List<String> sent = new ArrayList<>();
    for (SessionOutput.Send send : of(SessionOutput.Send.class)) {
      if (send.message() instanceof ClientMessage.Auth auth) {
        sent.add("Auth " + new String(auth.credential(), StandardCharsets.UTF_8));
      } else if (!(send.message() instanceof ClientMessage.Ping)) {
        sent.add(send.message().getClass().getSimpleName());
      }
    }
    return sent;
  }

  private List<Long> authXids() {
    return sent(ClientMessage.Auth.class).stream().map(ClientMessage.Auth::xid).toList();
  }

  private void accept(long xid) {
    receive(new ServerMessage.Response(xid, zxid, new OpResult.Done()));
  }

  @Test
  void heldCredentials_arePresentedFirstAfterTheOpening() {
    machine = machineWith("a:1", "b:2", "a:1");
    tick();
    write("w");
    connected();
    assertThat(sentInOrder()).containsExactly("OpenSession");
    receive(opened());
    assertThat(sentInOrder()).containsExactly("Auth a:1", "Auth b:2", "Write");
  }

  @Test
  void afterAMove_credentialsGoBeforeWatchesAndRequests() {
    machine = machineWith("a:1");
    open();
    long xid = authXids().get(0);
    accept(xid);
    watch("watch", 1);
    accept(sent(ClientMessage.AddWatch.class).get(0).xid());
    write("w");
    disconnect();
    attach();
    assertThat(sentInOrder()).containsExactly("Auth a:1", "ResumeWatches", "Write");
  }

  @Test
  void credentialUnansweredAtAMove_isPresentedOnceAgainAndNotTwice() {
    machine = machineWith("a:1");
    open();
    disconnect();
    attach();
    assertThat(sentInOrder()).containsExactly("Auth a:1");
  }

  @Test
  void addedCredential_isKeptOnceItIsAccepted() {
    open();
    authenticate("auth", "u:p", NEVER);
    write("w");
    assertThat(sentInOrder()).containsExactly("Write");
    accept(authXidOfAll());
    assertThat(completed()).containsEntry("auth", "OK");
    disconnect();
    attach();
    assertThat(sentInOrder()).containsExactly("Auth u:p", "Write");
  }

  private long authXidOfAll() {
    long xid = 0;
    for (SessionOutput output : all) {
      if (output instanceof SessionOutput.Send send
          && send.message() instanceof ClientMessage.Auth auth) {
        xid = auth.xid();
      }
    }
    return xid;
  }

  @Test
  void addedCredentialUnansweredAtAMove_keepsItsPlaceAmongTheRequests() {
    open();
    write("w1");
    authenticate("auth", "u:p", NEVER);
    write("w2");
    disconnect();
    attach();
    assertThat(sentInOrder()).containsExactly("Write", "Auth u:p", "Write");
  }

  @Test
  void refusedCredential_failsItsCallerAndIsNotKept() {
    open();
    authenticate("auth", "u:p", NEVER);
    fail(authXids().get(0), ErrorCode.AUTH_FAILED);
    assertThat(completed()).containsExactly(Map.entry("auth", ErrorCode.AUTH_FAILED));
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
    disconnect();
    attach();
    assertThat(sentInOrder()).isEmpty();
  }

  @Test
  void refusedHeldCredential_isToldAndTheRestGoesOn() {
    machine = machineWith("a:1", "b:2");
    open();
    List<Long> xids = authXids();
    fail(xids.get(0), ErrorCode.AUTH_FAILED);
    assertThat(last)
        .containsExactly(
            new SessionOutput.CredentialRefused(credential("a:1"), ErrorCode.AUTH_FAILED));
    accept(xids.get(1));
    write("w");
    answer(onlyXid());
    assertThat(completed()).containsExactly(Map.entry("w", "OK"));
  }

  @Test
  void lostSession_takesUnansweredCredentialsAlong() {
    open();
    authenticate("auth", "u:p", NEVER);
    write("w");
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "why"));
    assertThat(completed()).containsExactly(Map.entry("w", Reason.OUTCOME_UNKNOWN));
    connected();
    receive(opened());
    assertThat(sentInOrder()).containsExactly("Auth u:p");
    accept(authXids().get(0));
    assertThat(completed()).containsEntry("auth", "OK");
  }

  @Test
  void credentialWhoseDeadlinePassed_isNotKept() {
    open();
    authenticate("auth", "u:p", now + MILLI);
    long xid = authXids().get(0);
    now += MILLI;
    tick();
    assertThat(completed()).containsExactly(Map.entry("auth", Reason.UNAVAILABLE));
    accept(xid);
    disconnect();
    attach();
    assertThat(sentInOrder()).isEmpty();
  }

  @Test
  void credential_copiesItsBytesAndShowsNone() {
    byte[] bytes = "u:secret".getBytes(StandardCharsets.UTF_8);
    Credential credential = new Credential("digest", bytes);
    bytes[0] = 'x';
    credential.bytes()[0] = 'y';
    assertThat(credential).isEqualTo(credential("u:secret"));
    assertThat(credential.toString() + new SessionRequest.Authenticate(credential))
        .doesNotContain("secret");
  }

  // ---- exactly once
  // ------------------------------------------------------------------------------

  @Test
  void writes_areNumberedWithoutGapsAndConfirmed() {
    open();
    write("w1");
    assertThat(sent(ClientMessage.Write.class))
        .singleElement()
        .satisfies(
            write -> {
              assertThat(write.number()).isEqualTo(1);
              assertThat(write.confirmedUpTo()).isZero();
            });
    answer(onlyXid());
    write("w2");
    assertThat(sent(ClientMessage.Write.class))
        .singleElement()
        .satisfies(
            write -> {
              assertThat(write.number()).isEqualTo(2);
              assertThat(write.confirmedUpTo()).isEqualTo(1);
            });
  }

  @Test
  void afterAMove_everythingUnansweredIsSentAgainInOrderUnderItsOldNumber() {
    open();
    write("w1");
    long first = onlyXid();
    read("r1", NEVER);
    write("w2");
    List<ClientMessage> before = new ArrayList<>();
    for (SessionOutput output : all) {
      if (output instanceof SessionOutput.Send send
          && !(send.message() instanceof ClientMessage.OpenSession)) {
        before.add(send.message());
      }
    }
    disconnect();
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
    write("w3");
    connected();
    assertThat(sent(ClientMessage.AttachSession.class))
        .singleElement()
        .satisfies(a -> assertThat(a.lastZxid()).isEqualTo(101));
    receive(new ServerMessage.SessionAttached(machine.sessionId(), 10_000, ++zxid, 3, 2));
    assertThat(sent(ClientMessage.Write.class).stream().map(ClientMessage.Write::number))
        .containsExactly(1L, 2L, 3L);
    assertThat(
            of(SessionOutput.Send.class).stream()
                .map(SessionOutput.Send::message)
                .filter(message -> !(message instanceof ClientMessage.Ping))
                .limit(3))
        .isEqualTo(before);
    // The first answer, of an entry older than the attach, is accepted.
    receive(new ServerMessage.Response(first, 101, new OpResult.Deleted()));
    assertThat(completed()).containsEntry("w1", "OK");
  }

  @Test
  void window_holdsWritesBackAndWhatFollowsThem() {
    open();
    write("w1");
    long first = onlyXid();
    write("w2");
    write("w3");
    write("w4");
    assertThat(sent(ClientMessage.Write.class)).isEmpty();
    read("r", NEVER);
    assertThat(sent(ClientMessage.Read.class)).isEmpty();
    answer(first);
    assertThat(sentNumbers()).containsExactly(4L);
    assertThat(sent(ClientMessage.Read.class)).hasSize(1);
    for (ClientMessage.Write write : sent(ClientMessage.Write.class)) {
      assertThat(write.number() - write.confirmedUpTo()).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void queueBeyondItsBound_isRefusedAtOnce() {
    tick();
    for (int i = 0; i < 5; i++) {
      write("w" + i);
    }
    assertThat(completed()).containsExactly(Map.entry("w4", Reason.OVERLOADED));
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {
        "WRITE_GAP",
        "TOO_MANY_IN_FLIGHT",
        "SESSION_MOVED",
        "NOT_SERVING",
        "SERVER_BEHIND",
        "CLOSING"
      })
  void answersThatAreNone_leadToAReconnectAndTheSameNumberAgain(ErrorCode code) {
    open();
    write("w");
    fail(onlyXid(), code);
    assertThat(completed()).isEmpty();
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
    waitForConnect();
    attach();
    assertThat(sentNumbers()).containsExactly(1L);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {
        "NO_NODE",
        "BAD_VERSION",
        "OVERLOADED",
        "REQUEST_TOO_LARGE",
        "UNIMPLEMENTED",
        "MALFORMED"
      })
  void definiteFailures_areTheAnswerAndUseUpTheNumber(ErrorCode code) {
    open();
    write("w");
    fail(onlyXid(), code);
    assertThat(completed()).containsEntry("w", code);
    write("x");
    assertThat(sentNumbers()).containsExactly(2L);
  }

  // ---- safety
  // ------------------------------------------------------------------------------------

  @Test
  void pingThatWasAnswered_extendsSafetyFromItsSendTime() {
    open();
    now = machine.nextTickNanos();
    tick();
    ClientMessage.Ping ping = sent(ClientMessage.Ping.class).get(0);
    long before = machine.safeUntilNanos();
    now += 700 * MILLI;
    receive(new ServerMessage.Pong(ping.pingId() + 1, zxid, 0));
    assertThat(machine.safeUntilNanos()).isEqualTo(before);
    receive(new ServerMessage.Pong(ping.pingId(), zxid, 0));
    // The unknown pong has taken the ping off the list: nothing is claimed for it.
    assertThat(machine.safeUntilNanos()).isEqualTo(before);
    now = machine.nextTickNanos();
    tick();
    ping = sent(ClientMessage.Ping.class).get(0);
    long sentAt = now;
    now += 3 * MILLI;
    receive(new ServerMessage.Pong(ping.pingId(), zxid, 0));
    assertThat(machine.safeUntilNanos()).isEqualTo(sentAt + SAFE);
  }

  @Test
  void writeThatWasSentTwice_extendsSafetyFromItsFirstSending() {
    open();
    now += 100 * MILLI;
    long firstSent = now;
    write("w");
    long xid = onlyXid();
    now += 100 * MILLI;
    disconnect();
    attach();
    now += 100 * MILLI;
    answer(xid);
    assertThat(machine.safeUntilNanos()).isEqualTo(firstSent + SAFE);
  }

  @Test
  void readsAndAttaches_extendNothing() {
    open();
    long safe = machine.safeUntilNanos();
    now += 50 * MILLI;
    read("r", NEVER);
    long xid = sent(ClientMessage.Read.class).get(0).xid();
    receive(new ServerMessage.Response(xid, ++zxid, new OpResult.Data(null, STAT)));
    disconnect();
    attach();
    assertThat(machine.safeUntilNanos()).isEqualTo(safe);
  }

  @Test
  void pings_goOutAtLeastEveryThirdOfTheTimeoutAndMoreOftenWhenSafetyIsShort() {
    open();
    List<Long> sentAt = new ArrayList<>();
    long opened = now;
    while (machine.state() == SessionState.CONNECTED && now < opened + 3 * TIMEOUT) {
      now = machine.nextTickNanos();
      tick();
      if (!sent(ClientMessage.Ping.class).isEmpty() && count(SessionOutput.Connect.class) == 0) {
        sentAt.add(now);
        if (sentAt.size() < 3) {
          receive(new ServerMessage.Pong(sent(ClientMessage.Ping.class).get(0).pingId(), zxid, 0));
        }
      }
    }
    assertThat(sentAt.get(0) - opened).isLessThanOrEqualTo(TIMEOUT / 3);
    assertThat(sentAt.get(1) - sentAt.get(0)).isLessThanOrEqualTo(TIMEOUT / 3);
    assertThat(sentAt).hasSizeGreaterThan(3);
    // Silence: the connection is given up a third of the timeout after the unanswered ping.
    assertThat(now).isEqualTo(sentAt.get(2) + TIMEOUT / 3);
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
  }

  @Test
  void lost_comesAtTheSafeDeadlineToTheNanosecond() {
    open();
    long safe = machine.safeUntilNanos();
    disconnect();
    now = safe - 1;
    tick();
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
    assertThat(machine.nextTickNanos()).isLessThanOrEqualTo(safe);
    now = safe;
    tick();
    assertThat(machine.state()).isEqualTo(SessionState.LOST);
    assertThat(last.get(0))
        .isInstanceOfSatisfying(
            SessionOutput.SessionEnded.class, e -> assertThat(e.sessionId()).isEqualTo(101));
    assertThat(last.get(1)).isInstanceOf(SessionOutput.StateChanged.class);
  }

  @Test
  void pongThatIsReadAfterTheSafeDeadline_doesNotRaiseTheDead() {
    open();
    now = machine.nextTickNanos();
    tick();
    long ping = sent(ClientMessage.Ping.class).get(0).pingId();
    now = machine.safeUntilNanos();
    receive(new ServerMessage.Pong(ping, zxid, 0));
    assertThat(machine.state()).isEqualTo(SessionState.LOST);
    assertThat(machine.sessionId()).isZero();
  }

  // ---- after the loss
  // ----------------------------------------------------------------------------

  @Test
  void lostSession_failsItsOperationsByWhatIsKnownAndOpensTheNext() {
    open();
    write("sent");
    read("read", NEVER);
    write("sent2");
    write("sent3");
    write("unsent");
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "silent for 10 s"));
    assertThat(completed())
        .containsExactly(
            Map.entry("sent", Reason.OUTCOME_UNKNOWN),
            Map.entry("read", Reason.SESSION_LOST),
            Map.entry("sent2", Reason.OUTCOME_UNKNOWN),
            Map.entry("sent3", Reason.OUTCOME_UNKNOWN),
            Map.entry("unsent", Reason.SESSION_LOST));
    assertThat(count(SessionOutput.Connect.class)).isEqualTo(1);
    write("next");
    connected();
    assertThat(sent(ClientMessage.OpenSession.class)).hasSize(1);
    receive(opened());
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
    assertThat(sentNumbers()).containsExactly(1L);
  }

  @Test
  void expiryFoundAtAttach_isALossToo() {
    open();
    disconnect();
    connected();
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    assertThat(machine.state()).isEqualTo(SessionState.LOST);
    assertThat(count(SessionOutput.Connect.class)).isEqualTo(1);
  }

  @Test
  void messagesOfAnEarlierConnection_areIgnored() {
    open();
    long old = connection;
    disconnect();
    step(
        new SessionInput.Received(
            old, new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "late")));
    step(new SessionInput.Disconnected(old, "late"));
    step(new SessionInput.Connected(old));
    assertThat(last).isEmpty();
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
  }

  @Test
  void unreadableRequest_endsTheSessionRatherThanBlockingIt() {
    open();
    write("poison");
    receive(new ServerMessage.Refused(ErrorCode.MALFORMED, "what?"));
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
    waitForConnect();
    attach();
    receive(new ServerMessage.Refused(ErrorCode.MALFORMED, "what?"));
    assertThat(machine.state()).isEqualTo(SessionState.LOST);
    assertThat(completed()).containsEntry("poison", Reason.OUTCOME_UNKNOWN);
  }

  // ---- deadlines
  // ---------------------------------------------------------------------------------

  @Test
  void deadlineOfUnsentOperations_namesEachServerWithItsCause() {
    tick();
    write("w", now + 50 * MILLI);
    for (String cause : List.of("refused", "no route", "unknown host")) {
      step(new SessionInput.Disconnected(connection, cause));
      if (count(SessionOutput.Connect.class) == 0) {
        break;
      }
    }
    while (completed().isEmpty()) {
      now = machine.nextTickNanos();
      tick();
    }
    assertThat(now).isEqualTo(1_050 * MILLI);
    assertThat(completed()).containsEntry("w", Reason.UNAVAILABLE);
    String detail = ((Unanswered) of(SessionOutput.Complete.class).get(0).outcome()).detail();
    assertThat(detail).contains("a:1: ", "b:1: ", "c:1: ", "refused", "no route", "unknown host");
  }

  @Test
  void deadlineOfASentWrite_leavesItUnknownToTheCallerAndIsStillSettled() {
    open();
    write("w", now + 50 * MILLI);
    final long xid = onlyXid();
    read("r", now + 50 * MILLI);
    now += 50 * MILLI;
    tick();
    assertThat(completed())
        .containsExactly(
            Map.entry("w", Reason.OUTCOME_UNKNOWN), Map.entry("r", Reason.UNAVAILABLE));
    disconnect();
    attach();
    assertThat(sentNumbers()).containsExactly(1L);
    assertThat(sent(ClientMessage.Read.class)).isEmpty();
    answer(xid);
    write("next");
    assertThat(sent(ClientMessage.Write.class))
        .singleElement()
        .satisfies(
            write -> {
              assertThat(write.number()).isEqualTo(2);
              assertThat(write.confirmedUpTo()).isEqualTo(1);
            });
  }

  // ---- server faults
  // -----------------------------------------------------------------------------

  @Test
  void answerOutOfOrder_isAServerFault() {
    open();
    write("w1");
    long first = onlyXid();
    write("w2");
    answer(onlyXid());
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
    assertThat(completed()).isEmpty();
    assertThat(first).isPositive();
  }

  @Test
  void replyThatGoesBackInTime_isAServerFault() {
    open();
    read("r", NEVER);
    long xid = sent(ClientMessage.Read.class).get(0).xid();
    receive(new ServerMessage.Response(xid, 100, new OpResult.Data(null, STAT)));
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
    assertThat(completed()).isEmpty();
  }

  @Test
  void attachBehindWhatWasSeen_isAServerFault() {
    open();
    disconnect();
    connected();
    receive(new ServerMessage.SessionAttached(machine.sessionId(), 10_000, 99, 3, 2));
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
  }

  // ---- watches
  // -----------------------------------------------------------------------------------

  private void watch(Object handle, long id) {
    step(
        new SessionInput.Submit(
            handle,
            new SessionRequest.AddWatch(id, "/p" + id, WatchKind.PERSISTENT, "listener" + id),
            NEVER));
  }

  private List<WatchNotice> notices() {
    return of(SessionOutput.Notify.class).stream().map(SessionOutput.Notify::notice).toList();
  }

  private void done(long xid) {
    receive(new ServerMessage.Response(xid, zxid, new OpResult.Done()));
  }

  @Test
  void resume_namesTheHeldWatchesAndThePointUpToWhichEventsWereHeard() {
    open();
    watch("add", 1);
    done(sent(ClientMessage.AddWatch.class).get(0).xid());
    step(
        new SessionInput.Submit(
            "get", new SessionRequest.Read(new ReadOp.Get("/a"), false, 2, "once"), NEVER));
    zxid = 110;
    long get = sent(ClientMessage.Read.class).get(0).xid();
    receive(new ServerMessage.Response(get, 110, new OpResult.Data(null, STAT)));
    disconnect();
    zxid = 120;
    attach();
    ClientMessage.ResumeWatches resume = sent(ClientMessage.ResumeWatches.class).get(0);
    assertThat(resume.sinceZxid()).isEqualTo(110);
    assertThat(resume.watches())
        .containsExactly(
            new ClientMessage.Registration(1, "/p1", WatchKind.PERSISTENT),
            new ClientMessage.Registration(2, "/a", WatchKind.DATA));
    // A pong before the watches are back moves nothing: the next resume starts at the same point.
    long ping = sent(ClientMessage.Ping.class).get(0).pingId();
    receive(new ServerMessage.Pong(ping, 125, 0));
    disconnect();
    zxid = 130;
    attach();
    resume = sent(ClientMessage.ResumeWatches.class).get(0);
    assertThat(resume.sinceZxid()).isEqualTo(110);
    receive(
        new ServerMessage.Events(
            131, List.of(new ServerMessage.Fired(2, WatchEvent.Type.NODE_DATA_CHANGED, "/a"))));
    assertThat(notices()).isEmpty(); // told with the answer
    zxid = 131;
    resumed(resume.xid(), true);
    assertThat(notices())
        .containsExactly(
            WatchNotice.resync("listener1", false),
            WatchNotice.changed(
                "once", new WatchEvent(WatchEvent.Type.NODE_DATA_CHANGED, "/a", 131), true));
    disconnect();
    attach();
    resume = sent(ClientMessage.ResumeWatches.class).get(0);
    assertThat(resume.sinceZxid()).isEqualTo(131);
    assertThat(resume.watches()).hasSize(1);
  }

  private void resumed(long xid, boolean resync) {
    receive(new ServerMessage.Response(xid, zxid, new OpResult.WatchesResumed(resync)));
  }

  private void changed(long eventZxid, long... ids) {
    List<ServerMessage.Fired> fired = new ArrayList<>();
    for (long id : ids) {
      fired.add(new ServerMessage.Fired(id, WatchEvent.Type.NODE_DATA_CHANGED, "/p" + id));
    }
    receive(new ServerMessage.Events(eventZxid, fired));
  }

  private static WatchNotice changeNotice(long id, long eventZxid) {
    return WatchNotice.changed(
        "listener" + id,
        new WatchEvent(WatchEvent.Type.NODE_DATA_CHANGED, "/p" + id, eventZxid),
        false);
  }

  /** Holds so many persistent watches, with ids from 1. */
  private void hold(int count) {
    for (int id = 1; id <= count; id++) {
      watch("add" + id, id);
      done(sent(ClientMessage.AddWatch.class).get(0).xid());
    }
  }

  @Test
  void resumeOutOfTheHistory_tellsTheEventsAndNoResync() {
    open();
    hold(1);
    disconnect();
    zxid = 120;
    attach();
    long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
    changed(111, 1);
    changed(115, 1);
    resumed(xid, false);
    assertThat(notices()).containsExactly(changeNotice(1, 111), changeNotice(1, 115));
    changed(121, 1);
    assertThat(notices()).containsExactly(changeNotice(1, 121));
  }

  @Test
  void resumeInSeveralMessages_tellsAllInTheOrderOfTheZxids() {
    open();
    hold(1025);
    disconnect();
    zxid = 120;
    attach();
    List<ClientMessage.ResumeWatches> resumes = sent(ClientMessage.ResumeWatches.class);
    assertThat(resumes).extracting(resume -> resume.watches().size()).containsExactly(1024, 1);
    assertThat(resumes).extracting(ClientMessage.ResumeWatches::sinceZxid).containsOnly(101L);
    changed(111, 1);
    changed(115, 2);
    resumed(resumes.get(0).xid(), false);
    changed(121, 3); // live, between the two
    changed(111, 1025);
    changed(121, 1025);
    assertThat(notices()).isEmpty();
    zxid = 121;
    resumed(resumes.get(1).xid(), false);
    assertThat(notices())
        .containsExactly(
            changeNotice(1, 111),
            changeNotice(1025, 111),
            changeNotice(2, 115),
            changeNotice(3, 121),
            changeNotice(1025, 121));
  }

  @Test
  void connectionLostBetweenTwoResumes_tellsNothingAndBeginsAtTheSamePoint() {
    open();
    hold(1025);
    disconnect();
    zxid = 120;
    attach();
    long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
    changed(111, 1);
    resumed(xid, true);
    changed(121, 1);
    disconnect();
    assertThat(notices()).isEmpty();
    zxid = 130;
    attach();
    List<ClientMessage.ResumeWatches> resumes = sent(ClientMessage.ResumeWatches.class);
    assertThat(resumes).extracting(ClientMessage.ResumeWatches::sinceZxid).containsOnly(101L);
    changed(111, 1);
    changed(121, 1);
    resumed(resumes.get(0).xid(), false);
    resumed(resumes.get(1).xid(), true);
    assertThat(notices())
        .containsExactly(
            WatchNotice.resync("listener1025", false), changeNotice(1, 111), changeNotice(1, 121));
  }

  @Test
  void recursiveWatch_isAskedForResumedAndAskedForAgainAsRecursive() {
    open();
    step(
        new SessionInput.Submit(
            "add",
            new SessionRequest.AddWatch(1, "/p", WatchKind.PERSISTENT_RECURSIVE, "listener1"),
            NEVER));
    ClientMessage.AddWatch add = sent(ClientMessage.AddWatch.class).get(0);
    assertThat(add.kind()).isEqualTo(WatchKind.PERSISTENT_RECURSIVE);
    done(add.xid());
    changed(105, 1);
    assertThat(notices()).containsExactly(changeNotice(1, 105));
    disconnect();
    zxid = 120;
    attach();
    assertThat(sent(ClientMessage.ResumeWatches.class).get(0).watches())
        .containsExactly(new ClientMessage.Registration(1, "/p", WatchKind.PERSISTENT_RECURSIVE));
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    connected();
    receive(opened());
    assertThat(sent(ClientMessage.AddWatch.class))
        .singleElement()
        .satisfies(
            again -> {
              assertThat(again.path()).isEqualTo("/p");
              assertThat(again.kind()).isEqualTo(WatchKind.PERSISTENT_RECURSIVE);
            });
  }

  @Test
  void persistentWatch_isAddedAgainInTheNextSessionAheadOfEverythingElse() {
    open();
    watch("add", 1);
    done(sent(ClientMessage.AddWatch.class).get(0).xid());
    watch("pending", 2);
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    read("r", NEVER);
    connected();
    receive(opened());
    List<ClientMessage.AddWatch> adds = sent(ClientMessage.AddWatch.class);
    assertThat(adds.stream().map(ClientMessage.AddWatch::watchId)).containsExactly(1L, 2L);
    assertThat(of(SessionOutput.Send.class).get(2).message())
        .isInstanceOf(ClientMessage.Read.class);
    done(adds.get(0).xid());
    assertThat(notices()).containsExactly(WatchNotice.resync("listener1", false));
    done(adds.get(1).xid());
    assertThat(notices()).isEmpty();
    assertThat(completed()).containsEntry("pending", "OK").doesNotContainKey("r");
  }

  @Test
  void watchOfAnAbandonedRead_isRemovedFromTheServer() {
    open();
    step(
        new SessionInput.Submit(
            "get", new SessionRequest.Read(new ReadOp.Get("/a"), false, 5, "once"), now + MILLI));
    long xid = sent(ClientMessage.Read.class).get(0).xid();
    now += MILLI;
    tick();
    receive(new ServerMessage.Response(xid, zxid, new OpResult.Data(null, STAT)));
    assertThat(sent(ClientMessage.RemoveWatch.class))
        .singleElement()
        .satisfies(remove -> assertThat(remove.watchId()).isEqualTo(5));
    receive(
        new ServerMessage.Events(
            ++zxid, List.of(new ServerMessage.Fired(5, WatchEvent.Type.NODE_DELETED, "/a"))));
    assertThat(notices()).isEmpty();
  }

  // ---- resumptions that fail
  // -----------------------------------------------------------------------------------

  private void readWithWatch(Object handle, long id) {
    step(
        new SessionInput.Submit(
            handle, new SessionRequest.Read(new ReadOp.Get("/p" + id), false, id, "once"), NEVER));
    long xid = sent(ClientMessage.Read.class).get(0).xid();
    receive(new ServerMessage.Response(xid, zxid, new OpResult.Data(null, STAT)));
  }

  private static OpResult.Failure tooMany() {
    return new OpResult.Failure(ErrorCode.TOO_MANY_WATCHES, 0, 100, 101);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"OVERLOADED", "INSUFFICIENT_SPACE", "NOT_SERVING", "CLOSING", "SERVER_BEHIND"})
  void resumeRefusedForTheMoment_leavesTheServerAndResumesElsewhereFromTheSamePoint(
      ErrorCode code) {
    open();
    hold(1);
    write("w");
    disconnect();
    zxid = 120;
    attach();
    fail(sent(ClientMessage.ResumeWatches.class).get(0).xid(), code);
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
    assertThat(machine.state()).isEqualTo(SessionState.SUSPENDED);
    assertThat(notices()).isEmpty();
    waitForConnect();
    zxid = 130;
    attach();
    ClientMessage.ResumeWatches resume = sent(ClientMessage.ResumeWatches.class).get(0);
    assertThat(resume.sinceZxid()).isEqualTo(101);
    assertThat(resume.watches())
        .containsExactly(new ClientMessage.Registration(1, "/p1", WatchKind.PERSISTENT));
    changed(125, 1);
    resumed(resume.xid(), false);
    assertThat(notices()).containsExactly(changeNotice(1, 125));
    assertThat(completed()).doesNotContainKey("w"); // still on its way
  }

  @Test
  void resumesThatAreRefusedAgainAndAgain_areTriedMoreAndMoreSeldom() {
    open();
    hold(1);
    disconnect();
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      attach();
      // Whatever else it answers, the server is of no use.
      long ping = sent(ClientMessage.Ping.class).get(0).pingId();
      final long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
      receive(new ServerMessage.Pong(ping, zxid, 0));
      fail(xid, ErrorCode.OVERLOADED);
      long failedAt = now;
      waitForConnect();
      pauses.add(now - failedAt);
    }
    assertThat(pauses.get(11)).isGreaterThan(60 * MILLI).isLessThanOrEqualTo(1_000 * MILLI);
    assertThat(completed()).containsOnlyKeys("add1");
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"TOO_MANY_WATCHES", "BAD_ARGUMENTS", "UNIMPLEMENTED", "NO_AUTH"})
  void resumeRefusedForGood_endsTheWatchesConcernedAndNoOthers(ErrorCode code) {
    open();
    hold(1024);
    readWithWatch("get", 1025);
    watch("add1026", 1026);
    done(sent(ClientMessage.AddWatch.class).get(0).xid());
    disconnect();
    zxid = 120;
    attach();
    List<ClientMessage.ResumeWatches> resumes = sent(ClientMessage.ResumeWatches.class);
    changed(111, 1);
    resumed(resumes.get(0).xid(), false);
    OpResult.Failure refusal = new OpResult.Failure(code, 0, 100, 101);
    receive(new ServerMessage.Response(resumes.get(1).xid(), zxid, refusal));
    assertThat(notices())
        .containsExactly(
            WatchNotice.resync("once", true),
            WatchNotice.refused("listener1026", refusal),
            changeNotice(1, 111));
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
    disconnect();
    attach();
    resumes = sent(ClientMessage.ResumeWatches.class);
    assertThat(resumes).extracting(resume -> resume.watches().size()).containsExactly(1024);
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    connected();
    receive(opened());
    assertThat(sent(ClientMessage.AddWatch.class))
        .extracting(ClientMessage.AddWatch::watchId)
        .doesNotContain(1026L)
        .contains(1024L);
  }

  @Test
  void resumeRefusedForGood_isToldThoughTheConnectionBreaksBeforeTheLastAnswer() {
    open();
    hold(1025);
    disconnect();
    attach();
    long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
    receive(new ServerMessage.Response(xid, zxid, tooMany()));
    assertThat(notices()).hasSize(1024).contains(WatchNotice.refused("listener1", tooMany()));
    disconnect();
    attach();
    assertThat(sent(ClientMessage.ResumeWatches.class))
        .singleElement()
        .satisfies(resume -> assertThat(resume.watches()).hasSize(1));
  }

  @Test
  void resumeAnsweredByWhatIsNoAnswerToIt_isAServerFaultAndMovesNothing() {
    open();
    hold(1);
    disconnect();
    zxid = 120;
    attach();
    done(sent(ClientMessage.ResumeWatches.class).get(0).xid());
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
    assertThat(notices()).isEmpty();
    waitForConnect();
    attach();
    assertThat(sent(ClientMessage.ResumeWatches.class).get(0).sinceZxid()).isEqualTo(101);
  }

  @Test
  void watchRefusedForTheMomentInTheNextSession_isAskedForUntilAServerHoldsIt() {
    open();
    hold(1);
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    connected();
    receive(opened());
    fail(sent(ClientMessage.AddWatch.class).get(0).xid(), ErrorCode.OVERLOADED);
    assertThat(count(SessionOutput.Disconnect.class)).isEqualTo(1);
    assertThat(notices()).isEmpty();
    waitForConnect();
    attach();
    ClientMessage.AddWatch again = sent(ClientMessage.AddWatch.class).get(0);
    assertThat(again.watchId()).isEqualTo(1);
    done(again.xid());
    assertThat(notices()).containsExactly(WatchNotice.resync("listener1", false));
  }

  @Test
  void watchRefusedForGoodInTheNextSession_isToldThatItIsOver() {
    open();
    hold(1);
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    connected();
    receive(opened());
    long xid = sent(ClientMessage.AddWatch.class).get(0).xid();
    receive(new ServerMessage.Response(xid, zxid, tooMany()));
    assertThat(notices()).containsExactly(WatchNotice.refused("listener1", tooMany()));
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
  }

  @Test
  void watchRefusedAtTheStart_failsItsCallerAndIsOver() {
    open();
    watch("add", 1);
    fail(sent(ClientMessage.AddWatch.class).get(0).xid(), ErrorCode.OVERLOADED);
    assertThat(completed()).containsExactly(Map.entry("add", ErrorCode.OVERLOADED));
    assertThat(notices())
        .containsExactly(
            WatchNotice.refused("listener1", OpResult.Failure.of(ErrorCode.OVERLOADED)));
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
    disconnect();
    attach();
    assertThat(sent(ClientMessage.ResumeWatches.class)).isEmpty();
  }

  // ---- events held back
  // -----------------------------------------------------------------------------------

  @Test
  void moreEventsHeldBackThanAreKept_resyncTheirWatchesInstead() {
    open();
    hold(1025);
    watch("add1026", 1026);
    done(sent(ClientMessage.AddWatch.class).get(0).xid());
    readWithWatch("get", 1027);
    disconnect();
    zxid = 120;
    attach();
    List<ClientMessage.ResumeWatches> resumes = sent(ClientMessage.ResumeWatches.class);
    changed(102, 1027);
    for (long z = 103; z < 103 + SessionWatches.HELD_BACK_FIRED_MAX - 1; z++) {
      changed(z, 1);
    }
    resumed(resumes.get(0).xid(), true); // and a gap: one resync is enough
    long over = 103 + SessionWatches.HELD_BACK_FIRED_MAX;
    changed(over, 1); // one too many
    changed(over + 1, 1, 1026);
    changed(over, 1026);
    assertThat(notices()).isEmpty();
    zxid = over + 1;
    resumed(resumes.get(1).xid(), false);
    List<WatchNotice> told = notices();
    assertThat(told)
        .containsOnlyOnce(WatchNotice.resync("listener1", false))
        .containsOnlyOnce(WatchNotice.resync("once", true))
        .endsWith(changeNotice(1026, over), changeNotice(1026, over + 1))
        .hasSize(1024 + 1 + 2);
    changed(over + 2, 1, 1027);
    assertThat(notices()).containsExactly(changeNotice(1, over + 2));
    disconnect();
    attach();
    assertThat(sent(ClientMessage.ResumeWatches.class).get(0).sinceZxid()).isEqualTo(over + 2);
  }

  @Test
  void asManyEventsHeldBackAsAreKept_areToldAll() {
    open();
    hold(1);
    disconnect();
    zxid = 120;
    attach();
    long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
    for (long z = 1; z <= SessionWatches.HELD_BACK_FIRED_MAX; z++) {
      changed(200 + z, 1);
    }
    zxid = 200 + SessionWatches.HELD_BACK_FIRED_MAX;
    resumed(xid, false);
    assertThat(notices())
        .hasSize(SessionWatches.HELD_BACK_FIRED_MAX)
        .startsWith(changeNotice(1, 201))
        .endsWith(changeNotice(1, zxid));
  }

  @Test
  void moreBytesHeldBackThanAreKept_resyncTooAndTheNextResumptionStartsAnew() {
    open();
    hold(2);
    disconnect();
    zxid = 120;
    attach();
    long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
    String path = "/" + "x".repeat(8_000);
    List<ServerMessage.Fired> fired = new ArrayList<>();
    for (long bytes = 0; bytes <= SessionWatches.HELD_BACK_BYTES_MAX; bytes += path.length()) {
      fired.add(new ServerMessage.Fired(1, WatchEvent.Type.NODE_CREATED, path));
    }
    receive(new ServerMessage.Events(125, fired));
    disconnect(); // nothing was told, and all is to come again
    zxid = 130;
    attach();
    ClientMessage.ResumeWatches resume = sent(ClientMessage.ResumeWatches.class).get(0);
    assertThat(resume.xid()).isNotEqualTo(xid);
    assertThat(resume.sinceZxid()).isEqualTo(101);
    receive(new ServerMessage.Events(125, fired));
    changed(126, 2);
    resumed(resume.xid(), false);
    assertThat(notices())
        .containsExactly(WatchNotice.resync("listener1", false), changeNotice(2, 126));
    disconnect();
    attach();
    resume = sent(ClientMessage.ResumeWatches.class).get(0);
    changed(131, 1);
    resumed(resume.xid(), false);
    assertThat(notices()).containsExactly(changeNotice(1, 131));
  }

  @Test
  void whatOneResumptionMissedOrDropped_isForgottenByTheNext() {
    open();
    hold(2);
    disconnect();
    zxid = 120;
    attach();
    resumed(sent(ClientMessage.ResumeWatches.class).get(0).xid(), true);
    assertThat(notices()).hasSize(2);
    disconnect();
    attach();
    String path = "/" + "x".repeat(8_000);
    List<ServerMessage.Fired> fired = new ArrayList<>();
    for (long bytes = 0; bytes <= SessionWatches.HELD_BACK_BYTES_MAX; bytes += path.length()) {
      fired.add(new ServerMessage.Fired(1, WatchEvent.Type.NODE_CREATED, path));
    }
    receive(new ServerMessage.Events(125, fired));
    disconnect();
    zxid = 130;
    attach();
    final long xid = sent(ClientMessage.ResumeWatches.class).get(0).xid();
    changed(126, 1);
    resumed(xid, false);
    assertThat(notices()).containsExactly(changeNotice(1, 126));
  }

  // ---- closing
  // -----------------------------------------------------------------------------------

  @Test
  void closeWithoutASession_isImmediate() {
    tick();
    step(new SessionInput.Close(NEVER));
    assertThat(last).endsWith(new SessionOutput.Closed(true));
    write("late");
    assertThat(completed()).containsEntry("late", Reason.CLOSED);
    assertThat(machine.nextTickNanos()).isEqualTo(NEVER);
  }

  @Test
  void closeWhileConnected_carriesOutWhatWasAskedThenEndsTheSession() {
    open();
    for (int i = 1; i <= 4; i++) {
      write("w" + i);
    }
    step(new SessionInput.Close(now + 1_000 * MILLI));
    assertThat(sent(ClientMessage.CloseSession.class)).isEmpty();
    assertThat(machine.state()).isEqualTo(SessionState.CONNECTED);
    answer(2 - 1);
    // From the moment it is sent, nothing is safe.
    ClientMessage.CloseSession close = sent(ClientMessage.CloseSession.class).get(0);
    assertThat(machine.state()).isEqualTo(SessionState.LOST);
    assertThat(machine.safeUntilNanos()).isEqualTo(now);
    int ended = last.indexOf(of(SessionOutput.SessionEnded.class).get(0));
    assertThat(ended).isLessThan(last.indexOf(new SessionOutput.Send(connection, close)));
    answer(2);
    answer(3);
    answer(4);
    done(close.xid());
    assertThat(completed().values()).containsExactly("OK", "OK", "OK", "OK");
    assertThat(last).endsWith(new SessionOutput.Closed(true));
  }

  @Test
  void closeWhileSuspended_attachesToEndTheSession() {
    open();
    disconnect();
    step(new SessionInput.Close(now + 1_000 * MILLI));
    attach();
    done(sent(ClientMessage.CloseSession.class).get(0).xid());
    assertThat(last).endsWith(new SessionOutput.Closed(true));
  }

  @Test
  void closeThatWaitsForItsAnswer_isFollowedByNoPing() {
    open();
    step(new SessionInput.Close(now + 60_000 * MILLI));
    assertThat(sent(ClientMessage.CloseSession.class)).hasSize(1);
    for (int i = 0; i < 40; i++) {
      now += 100 * MILLI;
      tick();
      assertThat(sent(ClientMessage.Ping.class)).isEmpty();
    }
    disconnect();
    attach();
    assertThat(sent(ClientMessage.CloseSession.class)).hasSize(1);
    assertThat(sent(ClientMessage.Ping.class)).isEmpty();
  }

  @Test
  void closeThatIsNotAnswered_isGivenUpAtItsDeadline() {
    open();
    write("w");
    step(new SessionInput.Close(now + 1_000 * MILLI));
    now += 1_000 * MILLI;
    tick();
    assertThat(completed()).containsEntry("w", Reason.OUTCOME_UNKNOWN);
    assertThat(last).endsWith(new SessionOutput.Closed(false));
    assertThat(machine.state()).isEqualTo(SessionState.LOST);
  }

  @Test
  void closeOfAnExpiredSession_isClean() {
    open();
    disconnect();
    step(new SessionInput.Close(now + 1_000 * MILLI));
    connected();
    receive(new ServerMessage.Refused(ErrorCode.SESSION_EXPIRED, "gone"));
    assertThat(last).endsWith(new SessionOutput.Closed(true));
  }
}
