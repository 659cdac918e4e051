package io.quorate.client;

import io.quorate.client.watch.WatchNotice;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener on its way through the session machine; for a persistent watch also its handle. */
final class WatchTarget implements Watch {
  private static final Logger LOG = LoggerFactory.getLogger(WatchTarget.class);

  private final Paths paths;
  private final String path;
  private final WatchListener listener;
  private final Runnable unwatch;
  private final CompletableFuture<Void> registered;
  private final AtomicBoolean endTold = new AtomicBoolean();
  private volatile @Nullable Runnable resync;
  private volatile @Nullable Consumer<QuorateException> endAction;
  private volatile @Nullable QuorateException end;
  private volatile boolean closed;

  /**
   * @param path as the caller named it
   * @param unwatch ends the watch
   */
  WatchTarget(
      Paths paths,
      String path,
      WatchListener listener,
      CompletableFuture<Void> registered,
      Runnable unwatch) {
    this.paths = paths;
    this.path = path;
    this.listener = listener;
    this.registered = registered;
    this.unwatch = unwatch;
  }

  /** On a callback thread. */
  void tell(WatchNotice notice) {
    if (closed) {
      return;
    }
    WatchEvent event = notice.event();
    OpResult.Failure refusal = notice.refusal();
    Runnable action = resync;
    if (refusal != null) {
      ended(Failures.of("watch " + path, path, refusal));
    } else if (event != null) {
      listener.onEvent(
          new ZnodeEvent(type(event.type()), paths.outside(event.path()), event.zxid()));
    } else if (action != null) {
      action.run();
    } else {
      listener.onEvent(new ZnodeEvent(ZnodeEvent.Type.RESYNC, path, 0));
    }
  }

  private void ended(QuorateException why) {
    LOG.warn("A watch is over that nobody closed", why);
    end = why;
    tellEnd();
  }

  /** Once, when both are known: that it ended, and whom to tell. */
  private void tellEnd() {
    Consumer<QuorateException> action = endAction;
    QuorateException why = end;
    if (action != null && why != null && !closed && endTold.compareAndSet(false, true)) {
      action.accept(why);
    }
  }

  static ZnodeEvent.Type type(WatchEvent.Type type) {
    return switch (type) {
      case NODE_CREATED -> ZnodeEvent.Type.CREATED;
      case NODE_DELETED -> ZnodeEvent.Type.DELETED;
      case NODE_DATA_CHANGED -> ZnodeEvent.Type.DATA_CHANGED;
      case NODE_CHILDREN_CHANGED -> ZnodeEvent.Type.CHILDREN_CHANGED;
    };
  }

  @Override
  public CompletableFuture<Void> registered() {
    return registered;
  }

  @Override
  public Watch onResync(Runnable action) {
    resync = action;
    return this;
  }

  @Override
  public Watch onEnd(Consumer<QuorateException> action) {
    endAction = action;
    tellEnd();
    return this;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      unwatch.run();
    }
  }

  @Override
  public String toString() {
    return "watch of " + path;
  }
}
