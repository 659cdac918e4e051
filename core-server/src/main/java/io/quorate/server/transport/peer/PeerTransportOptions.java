package io.quorate.server.transport.peer;

import java.util.Arrays;

/**
 * How a server reaches and is reached by its peers.
 *
 * @param selfId id of this server
 * @param bindHost address or name to listen at
 * @param bindPort 0 takes a free one
 * @param secret known to every server of the ensemble and to nobody else; may be empty only if
 *     every address involved is a loopback address
 * @param frameBytesMax largest message body, bytes; the same at every server
 * @param outboundBytesMax most bytes that wait for one peer; the link is closed beyond
 * @param handshakeMillisMax from the start of a connection to its authentication, dialling excluded
 * @param connectMillisMax for the connection itself to be established
 * @param backOffMillisMin pause after the first failure, before jitter
 * @param backOffMillisMax the pause doubles up to this, before jitter
 */
public record PeerTransportOptions(
    int selfId,
    String bindHost,
    int bindPort,
    byte[] secret,
    int frameBytesMax,
    long outboundBytesMax,
    int handshakeMillisMax,
    int connectMillisMax,
    int backOffMillisMin,
    int backOffMillisMax) {
  public static final int FRAME_BYTES_MAX_DEFAULT = 4 << 20;
  public static final long OUTBOUND_BYTES_MAX_DEFAULT = 64 << 20;

  public PeerTransportOptions {
    secret = secret.clone();
    require(selfId >= 1 && selfId <= 255, "server id must be in [1, 255], found " + selfId);
    require(bindPort >= 0 && bindPort <= 65535, "port must be in [0, 65535], found " + bindPort);
    require(
        frameBytesMax >= PeerFrames.BODY_BYTES_BEFORE_AUTHENTICATION_MAX,
        "frame limit below that of the handshake, found " + frameBytesMax);
    require(
        outboundBytesMax >= (long) frameBytesMax + PeerFrames.HEADER_BYTES,
        "outbound limit must hold one whole frame, found " + outboundBytesMax);
    require(handshakeMillisMax > 0 && connectMillisMax > 0, "time limits must be positive");
    require(
        backOffMillisMin > 0 && backOffMillisMin <= backOffMillisMax,
        "back-off must be positive and grow");
  }

  /** Everything but the identity at its default. */
  public static PeerTransportOptions of(int selfId, String bindHost, int bindPort, byte[] secret) {
    return new PeerTransportOptions(
        selfId,
        bindHost,
        bindPort,
        secret,
        FRAME_BYTES_MAX_DEFAULT,
        OUTBOUND_BYTES_MAX_DEFAULT,
        2_000,
        1_000,
        20,
        1_000);
  }

  /** The same with other limits, bytes. */
  public PeerTransportOptions withLimits(int frameBytes, long outboundBytes) {
    return new PeerTransportOptions(
        selfId,
        bindHost,
        bindPort,
        secret,
        frameBytes,
        outboundBytes,
        handshakeMillisMax,
        connectMillisMax,
        backOffMillisMin,
        backOffMillisMax);
  }

  /** The same with another deadline of the handshake. */
  public PeerTransportOptions withHandshakeMillisMax(int millis) {
    return new PeerTransportOptions(
        selfId,
        bindHost,
        bindPort,
        secret,
        frameBytesMax,
        outboundBytesMax,
        millis,
        connectMillisMax,
        backOffMillisMin,
        backOffMillisMax);
  }

  @Override
  public byte[] secret() {
    return secret.clone();
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "PeerTransportOptions[server " + selfId + " at " + bindHost + ":" + bindPort + "]";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerTransportOptions that
        && selfId == that.selfId
        && bindHost.equals(that.bindHost)
        && bindPort == that.bindPort
        && Arrays.equals(secret, that.secret)
        && frameBytesMax == that.frameBytesMax
        && outboundBytesMax == that.outboundBytesMax
        && handshakeMillisMax == that.handshakeMillisMax
        && connectMillisMax == that.connectMillisMax
        && backOffMillisMin == that.backOffMillisMin
        && backOffMillisMax == that.backOffMillisMax;
  }

  @Override
  public int hashCode() {
    return 31 * selfId + bindPort;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
