package io.quorate.server.transport.client;

/**
 * Limits of the client port.
 *
 * @param bindHost address or name to listen at
 * @param bindPort 0 takes a free one
 * @param connectionsMax most connections in all
 * @param connectionsPerAddressMax most connections from one address
 * @param outboundBytesMax most bytes that wait for one connection; it is closed beyond
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
    int inFlightMax,
    int firstBytesMillisMax,
    int firstMessageMillisMax,
    int idleMillisMax,
    int lingerMillisMax) {

  public ClientListenerOptions {
    require(bindPort >= 0 && bindPort <= 65535, "port must be in [0, 65535], found " + bindPort);
    require(connectionsMax > 0 && connectionsPerAddressMax > 0, "limits must be positive");
    require(outboundBytesMax >= 1 << 10, "outbound limit below 1 KiB, found " + outboundBytesMax);
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
        bindHost, bindPort, 10_000, 1_000, 16 << 20, 16_384, 5_000, 5_000, 60_000, 1_000);
  }

  /** The same with other limits on the number of connections. */
  public ClientListenerOptions withConnections(int max, int perAddressMax) {
    return new ClientListenerOptions(
        bindHost,
        bindPort,
        max,
        perAddressMax,
        outboundBytesMax,
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
        inFlight,
        firstBytesMillisMax,
        firstMessageMillisMax,
        idleMillisMax,
        lingerMillisMax);
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
