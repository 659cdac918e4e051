package io.quorate.client.session;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one connection that a machine has or wants: where to, how far it is, and when to give it up
 * or try again.
 *
 * <p>Times are nanoseconds of the machine's clock.
 */
final class ServerLink {
  /** How far the connection is. */
  enum Stage {
    /** There is none; the next is tried at {@link #retryAtNanos}. */
    IDLE,
    CONNECTING,
    /** The session is being opened or attached. */
    HANDSHAKE,
    UP
  }

  private static final long MILLI = 1_000_000L;
  private static final long LONG_AGO = Long.MIN_VALUE / 2;
  private static final long ATTEMPT_NANOS_MIN = 100 * MILLI;
  private static final long ATTEMPT_NANOS_MAX = 2_000 * MILLI;

  private final ServerRotation rotation;
  private final int servers;
  private Stage stage = Stage.IDLE;
  private long number;
  private String server = "";
  private long retryAtNanos = LONG_AGO;
  private long attemptDeadline;
  private long handshakeSentNanos;
  private boolean attaching;

  ServerLink(SessionConfig config, LongSupplier random) {
    this.rotation = new ServerRotation(config.servers(), random);
    this.servers = config.servers().size();
  }

  Stage stage() {
    return stage;
  }

  boolean isUp() {
    return stage == Stage.UP;
  }

  boolean isIdle() {
    return stage == Stage.IDLE;
  }

  /** Number of the present connection, or of the last one; counts from 1. */
  long number() {
    return number;
  }

  String server() {
    return server;
  }

  /** While IDLE: when to connect. */
  long retryAtNanos() {
    return retryAtNanos;
  }

  /** While CONNECTING and in the HANDSHAKE: when to give it up. */
  long attemptDeadline() {
    return attemptDeadline;
  }

  long handshakeSentNanos() {
    return handshakeSentNanos;
  }

  /** In the HANDSHAKE: whether a session is attached; else one is opened. */
  boolean isAttaching() {
    return attaching;
  }

  /** What came of each server, for people. */
  String describe() {
    return rotation.describe();
  }

  /** Turns to the next server. */
  void connect(long now, long timeoutNanos) {
    stage = Stage.CONNECTING;
    number++;
    server = rotation.next();
    long patience =
        Math.max(ATTEMPT_NANOS_MIN, Math.min(ATTEMPT_NANOS_MAX, timeoutNanos / (servers + 1)));
    long grown = Math.min(patience * (1 + Math.min(rotation.rounds(), 10)), timeoutNanos / 2);
    attemptDeadline = now + Math.max(patience, grown);
  }

  void shakeHands(boolean attach, long now) {
    stage = Stage.HANDSHAKE;
    handshakeSentNanos = now;
    attaching = attach;
  }

  void up() {
    stage = Stage.UP;
    rotation.reached(server, "connected");
  }

  /** A request or ping was answered. */
  void succeeded() {
    rotation.succeeded();
  }

  /** The connection is of no use, or no more: on to the next server after a pause. */
  void failed(String cause, long now) {
    retryAtNanos = now + rotation.failed(server, cause);
    stage = Stage.IDLE;
  }

  /** As above: the server has said that, instead of taking the session. */
  void refused(SessionOutput.Refusal refusal, String cause, long now) {
    retryAtNanos = now + rotation.failed(server, cause, refusal);
    stage = Stage.IDLE;
  }

  /** What the last server that spoke has said instead of taking the session; null without one. */
  SessionOutput.@Nullable Refusal refusal() {
    return rotation.refusal();
  }

  /** The session has ended: the next one is opened at once. */
  void retryAt(long now) {
    retryAtNanos = now;
    stage = Stage.IDLE;
  }

  /** For good. */
  void end() {
    stage = Stage.IDLE;
  }
}
