package io.quorate.recipes.base;

import io.quorate.client.ClientClosedException;
import io.quorate.client.CzxidMismatchException;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.OperationException;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes one life of an ephemeral znode of ours, however long it takes: until it is gone, or its
 * session is. A znode that is at the same path by then but is another one stays.
 *
 * <p>Tries again after a pause that grows, so that a server that refuses is not asked without end.
 */
public final class Removal {
  private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final QuorateClient client;
  private final String path;
  private final long czxid;
  private final long sessionId;
  private final Runnable whenGone;
  private List<Op> also;
  private Duration pause = FIRST_PAUSE;

  /**
   * Calls {@code whenGone} once, when the znode is gone.
   *
   * @param czxid of the life meant
   * @param sessionId that owns it
   * @param also what to do in the same multi; left out if it can't be done
   */
  public Removal(
      QuorateClient client,
      String path,
      long czxid,
      long sessionId,
      List<Op> also,
      Runnable whenGone) {
    this.client = client;
    this.path = path;
    this.czxid = czxid;
    this.sessionId = sessionId;
    this.also = List.copyOf(also);
    this.whenGone = whenGone;
  }

  public void begin() {
    if (client.sessionId() != sessionId) {
      whenGone.run();
      return;
    }
    List<Op> ops = new ArrayList<>();
    ops.add(Op.checkCzxid(path, czxid));
    ops.add(Op.delete(path));
    ops.addAll(also);
    Settled.then(
        client.multi(ops),
        client.scheduler().executor(),
        deleted -> whenGone.run(),
        this::onFailure);
  }

  private void onFailure(Throwable failure) {
    if (failure instanceof OperationException refused && refused.opIndex() >= 2) {
      // What was to be done besides can't be done any more: that must not keep the znode.
      also = List.of();
      begin();
    } else if (isGone(failure)) {
      whenGone.run();
    } else {
      long jitter = Math.floorMod(client.scheduler().nextLong(), pause.toMillis() / 2);
      Duration wait = pause.plusMillis(jitter);
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
      LOG.debug("Deleting {} again in {} ms: {}", path, wait.toMillis(), failure.toString());
      Subscription retry = client.scheduler().schedule(wait, this::begin);
      assert retry != null;
    }
  }

  private boolean isGone(Throwable failure) {
    boolean sessionOver =
        failure instanceof SessionLostException
            || failure instanceof ClientClosedException
            || (failure instanceof OutcomeUnknownException && client.sessionId() != sessionId);
    return sessionOver
        || failure instanceof NoNodeException
        || failure instanceof CzxidMismatchException;
  }
}
