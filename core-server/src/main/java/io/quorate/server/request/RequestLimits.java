package io.quorate.server.request;

/**
 * How much a server takes on. Each limit is answered with a typed refusal when it is reached.
 *
 * @param pendingRequestsPerConnectionMax unanswered requests of one connection; the connection is
 *     refused with OVERLOADED beyond it
 * @param pendingBytesMax requests of all connections that wait for their answer, in bytes: encoded
 *     writes, and reads that wait behind them; further ones are refused with OVERLOADED, writes
 *     under their number
 * @param writesInFlightMax unconfirmed writes that a session may have; told to the client
 * @param sessionTimeoutMinMillis shorter wishes are raised to it
 * @param sessionTimeoutMaxMillis longer wishes are lowered to it
 * @param clientNameCharsMax longer names are cut
 * @param suspendAfterNanos after so long without a leader the connected clients are sent elsewhere;
 *     below a third of the minimum session timeout, so that they arrive while their session lives
 */
public record RequestLimits(
    int pendingRequestsPerConnectionMax,
    long pendingBytesMax,
    int writesInFlightMax,
    long sessionTimeoutMinMillis,
    long sessionTimeoutMaxMillis,
    int clientNameCharsMax,
    long suspendAfterNanos) {

  public RequestLimits {
    require(pendingRequestsPerConnectionMax >= 1, "pendingRequestsPerConnectionMax must be >= 1");
    require(pendingBytesMax >= 1, "pendingBytesMax must be >= 1");
    require(writesInFlightMax >= 1, "writesInFlightMax must be >= 1");
    require(sessionTimeoutMinMillis >= 1, "sessionTimeoutMinMillis must be >= 1");
    require(
        sessionTimeoutMaxMillis >= sessionTimeoutMinMillis,
        "sessionTimeoutMaxMillis must not be below sessionTimeoutMinMillis");
    require(clientNameCharsMax >= 0, "clientNameCharsMax must be >= 0");
    require(
        suspendAfterNanos > 0 && suspendAfterNanos < sessionTimeoutMinMillis * 1_000_000L / 3,
        "suspendAfterNanos must be positive and below a third of the minimum session timeout");
  }

  /** What a server in production uses. */
  public static RequestLimits defaults() {
    return forTimeouts(2_000, 60_000);
  }

  /** The defaults with other bounds of the session timeout. */
  public static RequestLimits forTimeouts(long minMillis, long maxMillis) {
    return new RequestLimits(
        8_192, 64L << 20, 1_024, minMillis, maxMillis, 256, minMillis * 1_000_000L * 3 / 10);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
