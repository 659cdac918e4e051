package io.quorate.recipes.base;

import io.quorate.client.ClientClosedException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.client.ZnodeEvent;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Notices that one life of an ephemeral znode ended before its session did: somebody deleted it.
 *
 * <p>Costs one read that leaves a one-shot watch, and nothing to take away: the znode's own
 * deletion uses the watch up. The end of the session is told elsewhere. Any thread.
 */
final class OwnZnode {
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final QuorateClient client;
  private final String path;
  private final long czxid;
  private boolean gone;
  private @Nullable Runnable whenGone;

  /**
   * @param client whose operations have time until the session ends
   */
  OwnZnode(QuorateClient client, String path, long czxid) {
    this.client = client;
    this.path = path;
    this.czxid = czxid;
  }

  /** From now on calls {@code action} instead of the earlier one; at once if it is gone already. */
  void whenGone(@Nullable Runnable action) {
    boolean now;
    synchronized (this) {
      whenGone = action;
      now = gone;
    }
    if (now && action != null) {
      action.run();
    }
  }

  /** Begins to look; not again until that look has led to something. */
  void look() {
    synchronized (this) {
      if (whenGone == null || gone) {
        return;
      }
    }
    Settled.then(
        client.exists(path, this::onEvent),
        client.scheduler().executor(),
        stat -> {
          if (stat.isEmpty() || stat.get().czxid() != czxid) {
            ended();
          }
        },
        this::onFailure);
  }

  private void onEvent(ZnodeEvent event) {
    if (event.type() == ZnodeEvent.Type.DELETED) {
      ended();
    } else {
      look();
    }
  }

  private void onFailure(Throwable failure) {
    boolean sessionOver =
        failure instanceof SessionLostException
            || failure instanceof OutcomeUnknownException
            || failure instanceof ClientClosedException;
    if (!sessionOver) {
      Subscription retry = client.scheduler().schedule(PAUSE, this::look);
      assert retry != null;
    }
  }

  private void ended() {
    Runnable action;
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
      action = whenGone;
    }
    if (action != null) {
      action.run();
    }
  }
}
