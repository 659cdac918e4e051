package io.quorate.server.transport.peer;

import io.quorate.server.base.Invariant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Mutual proof of one shared secret, without sending it. One instance per connection and side.
 *
 * <pre>
 *   dialler (higher id)                          acceptor (lower id)
 *     HELLO     own id, wanted id, nonce D  ---&gt;
 *                                           &lt;---  CHALLENGE  nonce A
 *     PROOF     mac("dialler")              ---&gt;
 *                                           &lt;---  ACCEPT     mac("acceptor")
 * </pre>
 *
 * <p>A mac is HMAC-SHA256 under the secret over a label, the version, both ids in the order
 * dialler, acceptor, and both nonces in that order. The label says which side speaks, so that a
 * proof can't be sent back to its maker; the fresh nonces of both sides keep an old proof from
 * being of use. The dialler proves first: an unknown connection gets nothing to try guessed secrets
 * on.
 *
 * <p>Pure: no socket, no clock; the nonce is handed in.
 */
final class PeerHandshake {
  static final int NONCE_BYTES = 32;
  static final int MAC_BYTES = 32;

  /** Longest text of a refusal, bytes. */
  static final int REASON_BYTES_MAX = 200;

  private static final byte HELLO = 1;
  private static final byte CHALLENGE = 2;
  private static final byte PROOF = 3;
  private static final byte ACCEPT = 4;
  private static final byte REFUSED = 5;

  private static final String LABEL_DIALLER = "quorate peer dialler";
  private static final String LABEL_ACCEPTOR = "quorate peer acceptor";
  private static final String MAC_ALGORITHM = "HmacSHA256";

  /** What this side of the connection waits for. */
  private enum Awaits {
    /** Acceptor: who is it? */
    HELLO,
    /** Dialler: the acceptor's nonce. */
    CHALLENGE,
    /** Acceptor: the dialler's mac. */
    PROOF,
    /** Dialler: the acceptor's mac. */
    ACCEPT,
    /** Nothing more: authenticated or refused. */
    NOTHING
  }

  /** What follows from a message. */
  sealed interface Step {
    /** Send this and wait for the answer. */
    record Reply(byte[] body) implements Step {}

    /** The peer is who it says; send {@code lastWord} first, if there is one. */
    record Authenticated(int peer, byte @Nullable [] lastWord) implements Step {}

    /** Close; tell the other side why, if {@code farewell} is not null. */
    record Refused(Refusal why, String reason, byte @Nullable [] farewell) implements Step {}
  }

  /** Which ids may connect. */
  interface Members {
    boolean contains(int id);

    boolean isBlocked(int id);
  }

  private final int self;
  private final byte[] secret;
  private final byte[] ownNonce;
  private final Members members;
  private Awaits awaits;
  private int peer;
  private byte[] diallerNonce = {};
  private byte[] acceptorNonce = {};

  private PeerHandshake(
      int self, int peer, byte[] secret, byte[] ownNonce, Members members, Awaits first) {
    Invariant.check(ownNonce.length == NONCE_BYTES, "nonce of %d bytes", ownNonce.length);
    this.self = self;
    this.peer = peer;
    this.secret = secret;
    this.ownNonce = ownNonce;
    this.members = members;
    this.awaits = first;
  }

  /** The side that connects, to {@code peer}. */
  static PeerHandshake dialler(int self, int peer, byte[] secret, byte[] nonce, Members members) {
    return new PeerHandshake(self, peer, secret, nonce, members, Awaits.CHALLENGE);
  }

  /** The side that is connected to. */
  static PeerHandshake acceptor(int self, byte[] secret, byte[] nonce, Members members) {
    return new PeerHandshake(self, 0, secret, nonce, members, Awaits.HELLO);
  }

  /** The peer as far as it is known: 0, or the id it claims. */
  int claimedPeer() {
    return peer;
  }

  /** First message of the dialler; null for the acceptor, who waits. */
  byte @Nullable [] opening() {
    if (awaits != Awaits.CHALLENGE) {
      return null;
    }
    diallerNonce = ownNonce;
    return message(HELLO, new byte[] {(byte) self, (byte) peer}, ownNonce);
  }

  /** Takes the next message of the other side. */
  Step received(byte[] body) {
    Awaits expected = awaits;
    awaits = Awaits.NOTHING;
    ByteBuffer in = ByteBuffer.wrap(body);
    byte kind = in.get();
    if (kind == REFUSED && expected != Awaits.HELLO) {
      return new Step.Refused(Refusal.BY_PEER, reasonOf(in), null);
    }
    return switch (expected) {
      case HELLO -> kind == HELLO ? hello(in) : unexpected(expected, kind);
      case CHALLENGE -> kind == CHALLENGE ? challenge(in) : unexpected(expected, kind);
      case PROOF -> kind == PROOF ? proof(in) : unexpected(expected, kind);
      case ACCEPT -> kind == ACCEPT ? accept(in) : unexpected(expected, kind);
      case NOTHING -> unexpected(expected, kind);
    };
  }

  /** A refusal as the other side is told. */
  static byte[] refusal(Refusal why, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, REASON_BYTES_MAX);
    return message(REFUSED, new byte[] {why.wireNumber()}, Arrays.copyOf(text, length));
  }

  private Step hello(ByteBuffer in) {
    if (in.remaining() != 2 + NONCE_BYTES) {
      return wrongLength("HELLO", 2 + NONCE_BYTES, in.remaining());
    }
    int from = in.get() & 0xFF;
    int wanted = in.get() & 0xFF;
    diallerNonce = rest(in);
    if (from == self) {
      return refuse(
          Refusal.SELF,
          "this is server "
              + self
              + " itself: an address configured for server "
              + wanted
              + " leads here, or two servers have the id "
              + self);
    }
    if (wanted != self) {
      return refuse(Refusal.WRONG_PEER, "server " + wanted + " wanted, but this is server " + self);
    }
    if (!members.contains(from)) {
      return refuse(Refusal.UNKNOWN_PEER, "server " + from + " is not configured here");
    }
    if (from < self) {
      return refuse(
          Refusal.WRONG_DIRECTION,
          "server " + from + " must not dial server " + self + ", a higher id");
    }
    peer = from;
    if (members.isBlocked(from)) {
      return new Step.Refused(Refusal.BLOCKED, "blocked", null);
    }
    acceptorNonce = ownNonce;
    awaits = Awaits.PROOF;
    return new Step.Reply(message(CHALLENGE, ownNonce));
  }

  private Step challenge(ByteBuffer in) {
    if (in.remaining() != NONCE_BYTES) {
      return wrongLength("CHALLENGE", NONCE_BYTES, in.remaining());
    }
    acceptorNonce = rest(in);
    if (Arrays.equals(acceptorNonce, ownNonce)) {
      return refuse(Refusal.MALFORMED, "a challenge of its own is wanted, found the dialler's");
    }
    awaits = Awaits.ACCEPT;
    return new Step.Reply(message(PROOF, mac(LABEL_DIALLER, self, peer)));
  }

  private Step proof(ByteBuffer in) {
    if (in.remaining() != MAC_BYTES) {
      return wrongLength("PROOF", MAC_BYTES, in.remaining());
    }
    if (!MessageDigest.isEqual(mac(LABEL_DIALLER, peer, self), rest(in))) {
      return refuse(
          Refusal.WRONG_SECRET,
          "server " + peer + " has another shared secret than server " + self);
    }
    if (members.isBlocked(peer)) {
      return new Step.Refused(Refusal.BLOCKED, "blocked", null);
    }
    return new Step.Authenticated(peer, message(ACCEPT, mac(LABEL_ACCEPTOR, peer, self)));
  }

  private Step accept(ByteBuffer in) {
    if (in.remaining() != MAC_BYTES) {
      return wrongLength("ACCEPT", MAC_BYTES, in.remaining());
    }
    if (!MessageDigest.isEqual(mac(LABEL_ACCEPTOR, self, peer), rest(in))) {
      return refuse(
          Refusal.WRONG_SECRET,
          "server " + peer + " has another shared secret than server " + self);
    }
    if (members.isBlocked(peer)) {
      return new Step.Refused(Refusal.BLOCKED, "blocked", null);
    }
    return new Step.Authenticated(peer, null);
  }

  private Step wrongLength(String name, int expected, int found) {
    return refuse(Refusal.MALFORMED, name + " of " + expected + " bytes expected, found " + found);
  }

  private Step unexpected(Awaits expected, byte kind) {
    return refuse(Refusal.MALFORMED, expected + " expected, found message kind " + kind);
  }

  private static Step refuse(Refusal why, String reason) {
    return new Step.Refused(why, reason, refusal(why, reason));
  }

  private byte[] mac(String label, int dialler, int acceptor) {
    try {
      Mac mac = Mac.getInstance(MAC_ALGORITHM);
      // HMAC pads its key with zero bytes, so this is the empty key, which the JDK refuses to take.
      mac.init(new SecretKeySpec(secret.length == 0 ? new byte[1] : secret, MAC_ALGORITHM));
      mac.update(label.getBytes(StandardCharsets.US_ASCII));
      mac.update(new byte[] {0, PeerFrames.VERSION, (byte) dialler, (byte) acceptor});
      mac.update(diallerNonce);
      mac.update(acceptorNonce);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(MAC_ALGORITHM + " belongs to every JDK", e);
    }
  }

  /** What strangers write goes to a log: one line, printable. */
  private static String reasonOf(ByteBuffer in) {
    if (in.remaining() < 1) {
      return "without a reason";
    }
    in.get();
    byte[] text = rest(in);
    int length = Math.min(text.length, REASON_BYTES_MAX);
    StringBuilder printable = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      printable.append(text[i] >= ' ' && text[i] < 127 ? (char) text[i] : '?');
    }
    return printable.toString();
  }

  private static byte[] rest(ByteBuffer in) {
    byte[] rest = new byte[in.remaining()];
    in.get(rest);
    return rest;
  }

  private static byte[] message(byte kind, byte[]... parts) {
    int length = 1;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length).put(kind);
    for (byte[] part : parts) {
      out.put(part);
    }
    return out.array();
  }
}
