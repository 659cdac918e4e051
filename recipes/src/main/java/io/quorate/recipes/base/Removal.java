package io.quorate.recipes.base;

import io.quorate.client.ClientClosedException;
import io.quorate.client.NoNodeException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes a znode of a session, and does not rest before it is gone: deleted by this, by somebody
 * else, or with the session. A znode of the queue that stayed behind while its session lives would
 * block the lock.
 */
public final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final QuorateClient client;
  private final String path;
  private final long sessionId;
  private final Runnable whenGone;

  /** Calls {@code whenGone} once, when the znode is gone. */
  public Removal(QuorateClient client, String path, long sessionId, Runnable whenGone) {
    this.client = client;
    this.path = path;
    this.sessionId = sessionId;
    this.whenGone = whenGone;
  }

  public void begin() {
    if (client.sessionId() != sessionId) {
      whenGone.run();
      return;
    }
    Settled.then(
        client.delete(path),
        client.scheduler().executor(),
        deleted -> whenGone.run(),
        failure -> {
          if (isGone(failure)) {
            whenGone.run();
          } else {
            LOG.debug("Deleting {} again in {} ms: {}", path, PAUSE.toMillis(), failure.toString());
            Subscription retry = client.scheduler().schedule(PAUSE, this::begin);
            assert retry != null;
          }
        });
  }

  private boolean isGone(Throwable failure) {
    boolean sessionOver =
        failure instanceof SessionLostException
            || failure instanceof ClientClosedException
            || (failure instanceof OutcomeUnknownException && client.sessionId() != sessionId);
    return sessionOver || failure instanceof NoNodeException;
  }
}
