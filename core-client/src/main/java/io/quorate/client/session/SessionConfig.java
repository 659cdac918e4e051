package io.quorate.client.session;

import io.quorate.data.Credential;
import java.util.List;

/**
 * What a session machine is told once.
 *
 * @param servers addresses, opaque to the machine; at least one
 * @param timeoutMillis wish for the session
 * @param clientName who this is, for people
 * @param credentials what to present on every connection, in this order
 * @param queuedMax most operations that wait to be sent
 * @param queuedBytesMax most bytes that wait to be sent
 */
public record SessionConfig(
    List<String> servers,
    long timeoutMillis,
    String clientName,
    List<Credential> credentials,
    int queuedMax,
    long queuedBytesMax) {

  /** Limits that fit most clients. */
  public static SessionConfig of(List<String> servers, long timeoutMillis, String clientName) {
    return new SessionConfig(servers, timeoutMillis, clientName, List.of(), 16_384, 64L << 20);
  }

  /** The same with credentials. */
  public SessionConfig withCredentials(List<Credential> held) {
    return new SessionConfig(servers, timeoutMillis, clientName, held, queuedMax, queuedBytesMax);
  }

  public SessionConfig {
    servers = List.copyOf(servers);
    credentials = List.copyOf(credentials);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("a session needs at least one server");
    }
    if (timeoutMillis < 1) {
      throw new IllegalArgumentException(
          "session timeout must be at least 1 ms, found " + timeoutMillis);
    }
    if (queuedMax < 1 || queuedBytesMax < 1) {
      throw new IllegalArgumentException(
          "queue limits must be positive, found " + queuedMax + " and " + queuedBytesMax);
    }
  }
}
