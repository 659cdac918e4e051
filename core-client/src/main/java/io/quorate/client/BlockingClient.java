package io.quorate.client;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The operations of a {@link QuorateClient}, waiting for their results. They throw the {@link
 * QuorateException} itself, with the stack of the caller, and wait no longer than the client's
 * request timeout. On a callback thread of the client they throw {@link IllegalStateException}
 * rather than hang: compose the futures there.
 *
 * <p>Any thread; no state of its own.
 */
public final class BlockingClient {
  private final QuorateClient client;

  BlockingClient(QuorateClient client) {
    this.client = client;
  }

  public Created create(String path, byte @Nullable [] data) throws InterruptedException {
    return await(client.create(path, data));
  }

  public Created create(String path, byte @Nullable [] data, CreateMode mode)
      throws InterruptedException {
    return await(client.create(path, data, mode));
  }

  public Created create(String path, byte @Nullable [] data, CreateOptions options)
      throws InterruptedException {
    return await(client.create(path, data, options));
  }

  public void delete(String path) throws InterruptedException {
    await(client.delete(path));
  }

  public void delete(String path, int version) throws InterruptedException {
    await(client.delete(path, version));
  }

  public ZnodeStat set(String path, byte @Nullable [] data) throws InterruptedException {
    return await(client.set(path, data));
  }

  public ZnodeStat set(String path, byte @Nullable [] data, int version)
      throws InterruptedException {
    return await(client.set(path, data, version));
  }

  public ZnodeStat setAcl(String path, List<Acl> acl) throws InterruptedException {
    return await(client.setAcl(path, acl));
  }

  public ZnodeStat setAcl(String path, List<Acl> acl, int aversion) throws InterruptedException {
    return await(client.setAcl(path, acl, aversion));
  }

  public ZnodeStat setExpiry(String path, Duration after) throws InterruptedException {
    return await(client.setExpiry(path, after));
  }

  public ZnodeStat clearExpiry(String path) throws InterruptedException {
    return await(client.clearExpiry(path));
  }

  public MultiResult multi(List<Op> ops) throws InterruptedException {
    return await(client.multi(ops));
  }

  public MultiResult multi(Op... ops) throws InterruptedException {
    return await(client.multi(ops));
  }

  public Znode get(String path) throws InterruptedException {
    return await(client.get(path));
  }

  public Znode get(String path, Consistency consistency) throws InterruptedException {
    return await(client.get(path, consistency));
  }

  public Znode get(String path, WatchListener listener) throws InterruptedException {
    return await(client.get(path, listener));
  }

  public Optional<ZnodeStat> exists(String path) throws InterruptedException {
    return await(client.exists(path));
  }

  public Optional<ZnodeStat> exists(String path, Consistency consistency)
      throws InterruptedException {
    return await(client.exists(path, consistency));
  }

  public Optional<ZnodeStat> exists(String path, WatchListener listener)
      throws InterruptedException {
    return await(client.exists(path, listener));
  }

  public Children children(String path) throws InterruptedException {
    return await(client.children(path));
  }

  public Children children(String path, Consistency consistency) throws InterruptedException {
    return await(client.children(path, consistency));
  }

  public Children children(String path, WatchListener listener) throws InterruptedException {
    return await(client.children(path, listener));
  }

  public ChildrenPage childrenPage(String path, String afterName, int limit)
      throws InterruptedException {
    return await(client.childrenPage(path, afterName, limit));
  }

  public ChildrenPage childrenPage(
      String path, String afterName, int limit, Consistency consistency)
      throws InterruptedException {
    return await(client.childrenPage(path, afterName, limit, consistency));
  }

  /**
   * Calls {@code action} with each child's name, on this thread, in name order, holding one page at
   * a time; returns their number. See {@link QuorateClient#childrenPage}.
   */
  public long forEachChild(String path, Consumer<String> action) throws InterruptedException {
    long count = 0;
    ChildrenPage page = childrenPage(path, "", QuorateClient.PAGE_MAX);
    while (true) {
      page.names().forEach(action);
      count += page.names().size();
      if (!page.more() || page.names().isEmpty()) {
        return count;
      }
      page = childrenPage(path, page.last(), QuorateClient.PAGE_MAX);
    }
  }

  public ZnodeAcl getAcl(String path) throws InterruptedException {
    return await(client.getAcl(path));
  }

  public long subtreeCount(String path) throws InterruptedException {
    return await(client.subtreeCount(path));
  }

  public List<String> ephemerals() throws InterruptedException {
    return await(client.ephemerals());
  }

  public List<String> ephemerals(String prefix) throws InterruptedException {
    return await(client.ephemerals(prefix));
  }

  public PathsPage ephemeralsPage(String prefix, String afterPath, int limit)
      throws InterruptedException {
    return await(client.ephemeralsPage(prefix, afterPath, limit));
  }

  public List<Identity> whoAmI() throws InterruptedException {
    return await(client.whoAmI());
  }

  public void addCredential(String scheme, String credential) throws InterruptedException {
    await(client.addCredential(scheme, credential));
  }

  public void addCredential(String scheme, byte[] credential) throws InterruptedException {
    await(client.addCredential(scheme, credential));
  }

  public void sync() throws InterruptedException {
    await(client.sync());
  }

  /** Returns when a server holds the watch; if it can't be registered in time, ends it. */
  public Watch watch(String path, WatchListener listener) throws InterruptedException {
    return watch(path, WatchScope.ZNODE, listener);
  }

  /** As above, of that scope. */
  public Watch watch(String path, WatchScope scope, WatchListener listener)
      throws InterruptedException {
    requireWaitingAllowed();
    Watch watch = client.watch(path, scope, listener);
    boolean registered = false;
    try {
      await(watch.registered());
      registered = true;
      return watch;
    } finally {
      if (!registered) {
        watch.close();
      }
    }
  }

  /**
   * Waits for a future of this client, or one made of such, and unwraps what it fails with: a
   * {@link QuorateException} or another unchecked exception gets the caller's stack trace; a
   * checked one is wrapped into an {@link IllegalStateException}.
   */
  public <T> T await(CompletableFuture<T> future) throws InterruptedException {
    if (!future.isDone()) {
      requireWaitingAllowed();
    }
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RuntimeException unchecked) {
        unchecked.fillInStackTrace();
        throw unchecked;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(cause);
    }
  }

  private void requireWaitingAllowed() {
    if (client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "this is a callback thread of client '"
              + client.clientName()
              + "': waiting here would hold up the very answer that is waited for. Use the futures"
              + " of the client (thenAccept, thenCompose), or hand the work to a thread of yours");
    }
  }
}
