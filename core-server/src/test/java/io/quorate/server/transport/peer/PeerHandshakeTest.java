package io.quorate.server.transport.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.transport.peer.PeerHandshake.Step;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The handshake as a conversation of byte arrays, no sockets. */
class PeerHandshakeTest {
  private static final byte[] SECRET = "a secret".getBytes(StandardCharsets.UTF_8);
  private static final Members ALL = new Members(Set.of(1, 2, 3), Set.of());

  private record Members(Set<Integer> ids, Set<Integer> blocked) implements PeerHandshake.Members {
    @Override
    public boolean contains(int id) {
      return ids.contains(id);
    }

    @Override
    public boolean isBlocked(int id) {
      return blocked.contains(id);
    }
  }

  private static byte[] nonce(int seed) {
    byte[] nonce = new byte[PeerHandshake.NONCE_BYTES];
    new Random(seed).nextBytes(nonce);
    return nonce;
  }

  private static PeerHandshake dialler(int self, int peer, byte[] secret) {
    return PeerHandshake.dialler(self, peer, secret, nonce(1), ALL);
  }

  private static PeerHandshake acceptor(int self, byte[] secret) {
    return PeerHandshake.acceptor(self, secret, nonce(2), ALL);
  }

  private static byte[] replyOf(Step step) {
    assertThat(step).isInstanceOf(Step.Reply.class);
    return ((Step.Reply) step).body();
  }

  private static Refusal refusalOf(Step step) {
    assertThat(step).isInstanceOf(Step.Refused.class);
    return ((Step.Refused) step).why();
  }

  @Test
  void sameSecret_authenticatesBothSides() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    PeerHandshake acceptor = acceptor(1, SECRET);

    byte[] challenge = replyOf(acceptor.received(dialler.opening()));
    byte[] proof = replyOf(dialler.received(challenge));
    Step accepted = acceptor.received(proof);

    assertThat(accepted).isInstanceOf(Step.Authenticated.class);
    assertThat(((Step.Authenticated) accepted).peer()).isEqualTo(3);
    assertThat(dialler.received(((Step.Authenticated) accepted).lastWord()))
        .isEqualTo(new Step.Authenticated(1, null));
  }

  @Test
  void emptySecretOnBothSides_authenticates() {
    PeerHandshake dialler = dialler(2, 1, new byte[0]);
    PeerHandshake acceptor = acceptor(1, new byte[0]);
    byte[] proof = replyOf(dialler.received(replyOf(acceptor.received(dialler.opening()))));
    assertThat(acceptor.received(proof)).isInstanceOf(Step.Authenticated.class);
  }

  @Test
  void wrongSecretOfTheDialler_isRefusedByTheAcceptor() {
    PeerHandshake dialler = dialler(3, 1, "another".getBytes(StandardCharsets.UTF_8));
    PeerHandshake acceptor = acceptor(1, SECRET);
    byte[] proof = replyOf(dialler.received(replyOf(acceptor.received(dialler.opening()))));
    Step step = acceptor.received(proof);
    assertThat(refusalOf(step)).isEqualTo(Refusal.WRONG_SECRET);
    Step heard = dialler.received(((Step.Refused) step).farewell());
    assertThat(refusalOf(heard)).isEqualTo(Refusal.BY_PEER);
    assertThat(((Step.Refused) heard).reason()).contains("another shared secret");
  }

  @Test
  void acceptorThatDoesNotKnowTheSecret_isRefusedByTheDialler() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    dialler.opening();
    byte[] challenge = new byte[1 + PeerHandshake.NONCE_BYTES];
    challenge[0] = 2;
    replyOf(dialler.received(challenge));
    byte[] accept = new byte[1 + PeerHandshake.MAC_BYTES];
    accept[0] = 4;
    assertThat(refusalOf(dialler.received(accept))).isEqualTo(Refusal.WRONG_SECRET);
  }

  @Test
  void proofSentBackToItsMaker_isNoProof() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    dialler.opening();
    byte[] challenge = new byte[1 + PeerHandshake.NONCE_BYTES];
    challenge[0] = 2;
    byte[] accept = replyOf(dialler.received(challenge));
    accept[0] = 4;
    assertThat(refusalOf(dialler.received(accept))).isEqualTo(Refusal.WRONG_SECRET);
  }

  @Test
  void proofOfAnEarlierConversation_isNoProof() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    PeerHandshake earlier = acceptor(1, SECRET);
    byte[] hello = dialler.opening();
    byte[] proof = replyOf(dialler.received(replyOf(earlier.received(hello))));

    PeerHandshake later = PeerHandshake.acceptor(1, SECRET, nonce(3), ALL);
    replyOf(later.received(hello));
    assertThat(refusalOf(later.received(proof))).isEqualTo(Refusal.WRONG_SECRET);
  }

  @Test
  void challengeThatEchoesTheDiallersNonce_isRefused() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    dialler.opening();
    byte[] challenge = new byte[1 + PeerHandshake.NONCE_BYTES];
    challenge[0] = 2;
    System.arraycopy(nonce(1), 0, challenge, 1, PeerHandshake.NONCE_BYTES);
    assertThat(refusalOf(dialler.received(challenge))).isEqualTo(Refusal.MALFORMED);
  }

  @ParameterizedTest
  @CsvSource({
    // from, wanted, why the server 2 refuses
    "2, 1, SELF",
    "2, 2, SELF",
    "3, 1, WRONG_PEER",
    "9, 2, UNKNOWN_PEER",
    "0, 2, UNKNOWN_PEER",
    "1, 2, WRONG_DIRECTION",
  })
  void helloOfTheWrongServer_isRefused(int from, int wanted, Refusal why) {
    byte[] hello = dialler(from, wanted, SECRET).opening();
    assertThat(refusalOf(acceptor(2, SECRET).received(hello))).isEqualTo(why);
  }

  @Test
  void blockedPeer_isRefusedWithoutAWord() {
    PeerHandshake acceptor =
        PeerHandshake.acceptor(1, SECRET, nonce(2), new Members(Set.of(1, 2, 3), Set.of(3)));
    Step step = acceptor.received(dialler(3, 1, SECRET).opening());
    assertThat(refusalOf(step)).isEqualTo(Refusal.BLOCKED);
    assertThat(((Step.Refused) step).farewell()).isNull();
  }

  @Test
  void everyTruncationAndExtensionOfEveryMessage_isMalformed() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    PeerHandshake acceptor = acceptor(1, SECRET);
    byte[] hello = dialler.opening();
    byte[] challenge = replyOf(acceptor.received(hello));
    byte[] proof = replyOf(dialler.received(challenge));
    byte[] accept = ((Step.Authenticated) acceptor.received(proof)).lastWord();
    for (int length = 1; length <= hello.length + 1; length++) {
      if (length != hello.length) {
        Step step = acceptor(1, SECRET).received(Arrays.copyOf(hello, length));
        assertThat(refusalOf(step)).isEqualTo(Refusal.MALFORMED);
      }
    }
    for (int length = 1; length <= proof.length + 1; length++) {
      if (length != proof.length) {
        PeerHandshake fresh = acceptor(1, SECRET);
        replyOf(fresh.received(hello));
        assertThat(refusalOf(fresh.received(Arrays.copyOf(proof, length))))
            .isEqualTo(Refusal.MALFORMED);
        PeerHandshake dialling = dialler(3, 1, SECRET);
        dialling.opening();
        assertThat(refusalOf(dialling.received(Arrays.copyOf(challenge, length))))
            .isEqualTo(Refusal.MALFORMED);
        dialling = dialler(3, 1, SECRET);
        dialling.opening();
        replyOf(dialling.received(challenge));
        assertThat(refusalOf(dialling.received(Arrays.copyOf(accept, length))))
            .isEqualTo(Refusal.MALFORMED);
      }
    }
  }

  @Test
  void everyFlippedBitOfAProof_isRefused() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    byte[] hello = dialler.opening();
    byte[] proof = replyOf(dialler.received(replyOf(acceptor(1, SECRET).received(hello))));
    for (int bit = 8; bit < proof.length * 8; bit++) {
      byte[] flipped = proof.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      PeerHandshake fresh = acceptor(1, SECRET);
      replyOf(fresh.received(hello));
      assertThat(refusalOf(fresh.received(flipped))).isEqualTo(Refusal.WRONG_SECRET);
    }
  }

  @Test
  void messagesAfterTheEnd_areMalformed() {
    PeerHandshake acceptor = acceptor(1, SECRET);
    byte[] hello = dialler(3, 1, SECRET).opening();
    replyOf(acceptor.received(hello));
    assertThat(refusalOf(acceptor.received(hello))).isEqualTo(Refusal.MALFORMED);
    assertThat(refusalOf(acceptor.received(hello))).isEqualTo(Refusal.MALFORMED);
  }

  @Test
  void refusalWithUnprintableText_isMadePrintable() {
    PeerHandshake dialler = dialler(3, 1, SECRET);
    dialler.opening();
    Step step =
        dialler.received(
            PeerHandshake.refusal(Refusal.CROWDED, "no\nWARN forged \u001b[31m\u00e9"));
    assertThat(((Step.Refused) step).reason()).isEqualTo("no?WARN forged ?[31m??");
  }

  @Test
  void longestRefusal_fitsTheFrameLimitOfTheHandshake() {
    assertThat(PeerHandshake.refusal(Refusal.SELF, "x".repeat(10_000)))
        .hasSizeLessThanOrEqualTo(PeerFrames.BODY_BYTES_BEFORE_AUTHENTICATION_MAX);
  }

  @Test
  void refusalNumbers_arePinned() {
    assertThat(Refusal.values())
        .extracting(refusal -> (int) refusal.wireNumber())
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  }
}
