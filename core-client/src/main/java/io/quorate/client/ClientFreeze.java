package io.quorate.client;

import java.time.Duration;

/**
 * For tests: makes a client stand still while clocks go on, as its whole process would under
 * SIGSTOP or in a long pause of the JVM. Its I/O thread and its callbacks stop; what arrives is
 * kept by the operating system. Threads of the caller's own go on.
 */
public final class ClientFreeze {
  private ClientFreeze() {}

  /**
   * Returns when I/O thread and callbacks stand still.
   *
   * @return closing it thaws the client; idempotent
   */
  public static Subscription freeze(QuorateClient client) throws InterruptedException {
    return freeze(client, Duration.ofSeconds(10));
  }

  /**
   * As above; throws {@link IllegalStateException} if a callback doesn't end within {@code
   * patience}.
   */
  public static Subscription freeze(QuorateClient client, Duration patience)
      throws InterruptedException {
    if (client instanceof DefaultQuorateClient freezable) {
      return freezable.freeze(patience);
    }
    throw new IllegalArgumentException("no client that was built by a builder: " + client);
  }
}
