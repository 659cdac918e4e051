package io.quorate.samples.jobs;

import io.quorate.client.QuorateClient;
import io.quorate.server.embedded.EmbeddedEnsemble;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a sample talks to: the ensemble that its arguments name, or one server in this process. */
final class SampleEnsemble implements AutoCloseable {
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String servers;
  private final @Nullable EmbeddedEnsemble embedded;

  private SampleEnsemble(String servers, @Nullable EmbeddedEnsemble embedded) {
    this.servers = servers;
    this.embedded = embedded;
  }

  /**
   * @param args {@code --connect host:port[,host:port]}, or nothing
   */
  static SampleEnsemble of(String... args) {
    if (args.length == 2 && args[0].equals("--connect")) {
      return new SampleEnsemble(args[1], null);
    }
    if (args.length > 0) {
      throw new IllegalArgumentException(
          "expected nothing or --connect host:port, found " + String.join(" ", args));
    }
    EmbeddedEnsemble embedded = EmbeddedEnsemble.start(1);
    return new SampleEnsemble(embedded.connectString(), embedded);
  }

  /**
   * Asks every so often whether something is so by now. A program of your own listens instead, see
   * the listeners of each recipe.
   *
   * @throws IllegalStateException if it is not so within half a minute
   */
  static void until(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("waited in vain for " + what);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** A client for its caller to close. */
  QuorateClient client(String name) {
    return QuorateClient.builder(servers).clientName(name).sessionTimeout(SESSION_TIMEOUT).build();
  }

  @Override
  public void close() {
    if (embedded != null) {
      embedded.close();
    }
  }
}
