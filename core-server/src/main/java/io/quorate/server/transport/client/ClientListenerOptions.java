package io.quorate.server.transport.client;

/**
 * Limits of the client port.
 *
 * @param bindHost address or name to listen at
 * @param bindPort 0 takes a free one
 * @param connectionsMax most connections in all
 * @param connectionsPerAddressMax most connections from one address
 * @param outboundBytesMax most bytes that wait for one connection; it is closed beyond
 * @param outboundTotalBytesMax the same for all connections together; beyond it those with more
 *     than their share are closed
 * @param inboundTotalBytesMax most bytes of all connections that the node has not taken up; those
 *     that wait for it are not read beyond
 * @param inFlightMax most requests of one connection that are not answered; beyond, it is not read
 * @param firstBytesMillisMax until a connection shows which protocol it speaks
 * @param firstMessageMillisMax until its first whole message
 * @param idleMillisMax between two messages of a connection without a session
 * @param lingerMillisMax between the last word to a connection and its end
 */
public record ClientListenerOptions(
    String bindHost,
    int bindPort,
    int connectionsMax,
    int connectionsPerAddressMax,
    int outboundBytesMax,
    long outboundTotalBytesMax,
    long inboundTotalBytesMax,
    int inFlightMax,
    int firstBytesMillisMax,
    int firstMessageMillisMax,
    int idleMillisMax,
    int lingerMillisMax) {

  public ClientListenerOptions {
    require(bindPort >= 0 && bindPort <= 65535, "port must be in [0, 65535], found " + bindPort);
    require(connectionsMax > 0 && connectionsPerAddressMax > 0, "limits must be positive");
    require(outboundBytesMax >= 1 << 10, "outbound limit below 1 KiB, found " + outboundBytesMax);
    require(outboundTotalBytesMax > 0, "outbound limit of all must be positive");
    require(inboundTotalBytesMax > 0, "inbound limit of all must be positive");
    require(inFlightMax > 0, "requests in flight must be positive, found " + inFlightMax);
    require(
        firstBytesMillisMax > 0
            && firstMessageMillisMax > 0
            && idleMillisMax > 0
            && lingerMillisMax > 0,
        "time limits must be positive");
  }

  /** Everything but the address at its default. */
  public static ClientListenerOptions of(String bindHost, int bindPort) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        10_000,
        1_000,
        16 << 20,
        256L << 20,
        InboundBudget.BYTES_MAX,
        16_384,
        5_000,
        5_000,
        60_000,
        1_000);
  }

  /** The same with other limits on the number of connections. */
  public ClientListenerOptions withConnections(int max, int perAddressMax) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        max,
        perAddressMax,
        outboundBytesMax,
        outboundTotalBytesMax,
        inboundTotalBytesMax,
        inFlightMax,
        firstBytesMillisMax,
        firstMessageMillisMax,
        idleMillisMax,
        lingerMillisMax);
  }

  /** The same with other bounds on what waits in either direction. */
  public ClientListenerOptions withWaiting(int outboundBytes, int inFlight) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        connectionsMax,
        connectionsPerAddressMax,
        outboundBytes,
        outboundTotalBytesMax,
        inboundTotalBytesMax,
        inFlight,
        firstBytesMillisMax,
        firstMessageMillisMax,
        idleMillisMax,
        lingerMillisMax);
  }

  /** The same with another bound on what waits for all connections together. */
  public ClientListenerOptions withOutboundTotal(long bytes) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        connectionsMax,
        connectionsPerAddressMax,
        outboundBytesMax,
        bytes,
        inboundTotalBytesMax,
        inFlightMax,
        firstBytesMillisMax,
        firstMessageMillisMax,
        idleMillisMax,
        lingerMillisMax);
  }

  /** The same with another bound on what the node has not taken up yet. */
  public ClientListenerOptions withInboundTotal(long bytes) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        connectionsMax,
        connectionsPerAddressMax,
        outboundBytesMax,
        outboundTotalBytesMax,
        bytes,
        inFlightMax,
        firstBytesMillisMax,
        firstMessageMillisMax,
        idleMillisMax,
        lingerMillisMax);
  }

  /** The same with another deadline for the first bytes and for the first message. */
  public ClientListenerOptions withHandshakeMillis(int millis) {
    return withDeadlines(millis, millis, idleMillisMax, lingerMillisMax);
  }

  /** The same with other deadlines. */
  public ClientListenerOptions withDeadlines(
      int firstBytesMillis, int firstMessageMillis, int idleMillis, int lingerMillis) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        connectionsMax,
        connectionsPerAddressMax,
        outboundBytesMax,
        outboundTotalBytesMax,
        inboundTotalBytesMax,
        inFlightMax,
        firstBytesMillis,
        firstMessageMillis,
        idleMillis,
        lingerMillis);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
