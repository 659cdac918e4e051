package io.quorate.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Where clients are accepted and what they may take up.
 *
 * @param bind host name or address of this machine
 * @param port 0 for any free one
 * @param connectionsMax at a time
 * @param pendingRequestsMax unanswered requests per connection
 * @param pendingBytesMax unanswered writes of all connections, bytes
 * @param writesInFlightMax unconfirmed writes per session
 * @param sessionTimeoutMin shorter wishes are raised to it
 * @param sessionTimeoutMax longer wishes are lowered to it
 */
public record ClientConfig(
    String bind,
    int port,
    int connectionsMax,
    int pendingRequestsMax,
    long pendingBytesMax,
    int writesInFlightMax,
    Duration sessionTimeoutMin,
    Duration sessionTimeoutMax) {

  public ClientConfig {
    HostPort.requireHost(bind);
    Ranges.require(ConfigKeys.CLIENT_PORT, port);
    Ranges.require(ConfigKeys.CLIENT_CONNECTIONS_MAX, (long) connectionsMax);
    Ranges.require(ConfigKeys.CLIENT_PENDING_REQUESTS_MAX, (long) pendingRequestsMax);
    Ranges.require(ConfigKeys.CLIENT_PENDING_BYTES_MAX, pendingBytesMax);
    Ranges.require(ConfigKeys.CLIENT_WRITES_IN_FLIGHT_MAX, (long) writesInFlightMax);
    Ranges.require(ConfigKeys.SESSION_TIMEOUT_MIN, sessionTimeoutMin);
    Ranges.require(ConfigKeys.SESSION_TIMEOUT_MAX, sessionTimeoutMax);
    Contradiction.refuse(contradictions(sessionTimeoutMin, sessionTimeoutMax));
  }

  /** What holds when the file says nothing. */
  public static ClientConfig defaults() {
    return new ClientConfig(
        ConfigKeys.CLIENT_BIND.orDefault(null),
        ConfigKeys.CLIENT_PORT.orDefault(null),
        ConfigKeys.CLIENT_CONNECTIONS_MAX.orDefault(null).intValue(),
        ConfigKeys.CLIENT_PENDING_REQUESTS_MAX.orDefault(null).intValue(),
        ConfigKeys.CLIENT_PENDING_BYTES_MAX.orDefault(null),
        ConfigKeys.CLIENT_WRITES_IN_FLIGHT_MAX.orDefault(null).intValue(),
        ConfigKeys.SESSION_TIMEOUT_MIN.orDefault(null),
        ConfigKeys.SESSION_TIMEOUT_MAX.orDefault(null));
  }

  /** The same at another place. */
  public ClientConfig at(String newBind, int newPort) {
    return new ClientConfig(
        newBind,
        newPort,
        connectionsMax,
        pendingRequestsMax,
        pendingBytesMax,
        writesInFlightMax,
        sessionTimeoutMin,
        sessionTimeoutMax);
  }

  /** The same with other bounds of the session timeout. */
  public ClientConfig withSessionTimeouts(Duration min, Duration max) {
    return new ClientConfig(
        bind,
        port,
        connectionsMax,
        pendingRequestsMax,
        pendingBytesMax,
        writesInFlightMax,
        min,
        max);
  }

  static List<Contradiction> contradictions(Duration timeoutMin, Duration timeoutMax) {
    List<Contradiction> found = new ArrayList<>();
    if (timeoutMax.compareTo(timeoutMin) < 0) {
      found.add(
          new Contradiction(
              ConfigKeys.SESSION_TIMEOUT_MAX,
              "at least session.timeout.min, which is "
                  + ConfigKeys.SESSION_TIMEOUT_MIN.type().print(timeoutMin),
              ConfigKeys.SESSION_TIMEOUT_MAX.type().print(timeoutMax)));
    }
    return found;
  }
}
