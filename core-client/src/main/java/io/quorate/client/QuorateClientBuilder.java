package io.quorate.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.client.connection.ServerAddress;
import io.quorate.data.Credential;
import io.quorate.data.ZnodePath;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a client is made from. Not thread-safe; a builder may build several clients. */
public final class QuorateClientBuilder {
  private static final Duration DURATION_MAX = Duration.ofDays(3650);
  private final String servers;
  private String namespace = ZnodePath.ROOT;
  private Duration sessionTimeout = Duration.ofSeconds(10);
  private Duration requestTimeout = Duration.ofSeconds(15);
  private @Nullable String clientName;
  private final List<Credential> credentials = new ArrayList<>();
  private Consumer<AuthFailedException> credentialRefused = refused -> {};
  private @Nullable MeterRegistry meters;
  private @Nullable Executor executor;

  QuorateClientBuilder(String servers) {
    this.servers = servers;
  }

  /**
   * Puts every path of this client below that one, which is created when it does not exist. Paths
   * in results and events are without it.
   */
  public QuorateClientBuilder namespace(String path) {
    this.namespace = path;
    return this;
  }

  /** Wish: after so long without contact the ensemble ends the session. Default: 10 s. */
  public QuorateClientBuilder sessionTimeout(Duration timeout) {
    if (timeout.toMillis() < 1) {
      throw new IllegalArgumentException("session timeout must be 1 ms or more, found " + timeout);
    }
    this.sessionTimeout = timeout;
    return this;
  }

  /** What each operation gets, through all reconnects and retries. Default: 15 s. */
  public QuorateClientBuilder requestTimeout(Duration timeout) {
    this.requestTimeout = positive(timeout, "request timeout");
    return this;
  }

  /**
   * Who this is, for the people who wait for its grants. Default: the host's name and the process
   * id.
   */
  public QuorateClientBuilder clientName(String name) {
    this.clientName = name;
    return this;
  }

  /** As below, with the bytes of the text in UTF-8. */
  public QuorateClientBuilder credential(String scheme, String credential) {
    return credential(scheme, credential.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A credential to present on every connection, before anything else; may be called several times.
   * If a server does not accept one, the client goes on without its identity: operations that need
   * it fail with {@link NoAuthException}; a warning is logged once for each credential, and {@link
   * #onCredentialRefused} tells the program each time.
   *
   * @param scheme such as {@code digest}
   * @param credential {@code user:password} in UTF-8 for {@code digest}; copied, never logged
   */
  public QuorateClientBuilder credential(String scheme, byte[] credential) {
    credentials.add(new Credential(scheme, credential));
    return this;
  }

  /**
   * Who hears that a server did not accept a credential of the client's, on a new connection.
   * Called on the callback executor. Default: nobody.
   */
  public QuorateClientBuilder onCredentialRefused(Consumer<AuthFailedException> listener) {
    this.credentialRefused = listener;
    return this;
  }

  /** Where to count and time. Default: nowhere. */
  public QuorateClientBuilder meters(MeterRegistry registry) {
    this.meters = registry;
    return this;
  }

  /**
   * What runs callbacks and completes futures, instead of a thread of the client's own. Must not
   * run tasks on the calling thread. While all its threads are blocked nothing is completed, passed
   * deadlines neither: give it more threads than callbacks may block.
   */
  public QuorateClientBuilder executor(Executor callbackExecutor) {
    this.executor = callbackExecutor;
    return this;
  }

  /**
   * Makes the client, which begins to connect. Never waits, and fails only for arguments that can't
   * be right.
   */
  public QuorateClient build() {
    List<String> addresses =
        ServerAddress.parseList(servers).stream().map(ServerAddress::toString).toList();
    String name = clientName == null ? ClientName.ofThisProcess() : clientName;
    if (name.length() > ClientName.CHARS_MAX) {
      throw new IllegalArgumentException(
          "a client name has at most "
              + ClientName.CHARS_MAX
              + " characters, found '"
              + name
              + "'");
    }
    ClientCore core =
        new ClientCore(
            new ClientCore.Settings(
                addresses,
                namespace,
                sessionTimeout,
                requestTimeout,
                name,
                List.copyOf(credentials),
                credentialRefused,
                meters,
                executor));
    core.start();
    return new DefaultQuorateClient(core, requestTimeout);
  }

  /** Refuses what is no time to wait; far above any use, and far below what overflows. */
  static Duration positive(Duration duration, String what) {
    if (duration.isZero() || duration.isNegative() || duration.compareTo(DURATION_MAX) > 0) {
      throw new IllegalArgumentException(
          what + " must be positive and at most 3650 days, found " + duration);
    }
    return duration;
  }
}
