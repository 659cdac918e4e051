package io.quorate.recipes.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quorate.client.NoNodeException;
import io.quorate.client.QuorateClient;
import io.quorate.client.UnavailableException;
import io.quorate.client.Watch;
import io.quorate.client.WatchScope;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.CodecException;
import io.quorate.recipes.base.Freshness;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Values of the znodes below a path, held in this process while nothing happens to them.
 *
 * <p>One recursive watch covers them all: a change drops the entry, and the next who asks loads it.
 * Also that a znode does not exist is cached. Bounded; what is asked for least goes first.
 *
 * <p>Any thread. Futures complete like those of the client.
 */
public final class NearCache<T> implements AutoCloseable {
  private final QuorateClient client;
  private final String root;
  private final Codec<T> codec;
  private final CacheOptions options;
  private final Freshness freshness;
  private final Cache<String, Cached<T>> entries;
  private final Object lock = new Object();

  // ---- guarded by lock
  private final Map<String, Load<T>> loads = new HashMap<>();
  private @Nullable Watch watch;
  private boolean closed;

  /** Changes when everything is dropped: what was asked for before is not kept. */
  private long generation;

  /** The newest zxid that an event or an answer told. */
  private long heardZxid;

  /** A read under way, for all who want that key. */
  private static final class Load<T> {
    final CompletableFuture<Cached<T>> result = new CompletableFuture<>();
    final long generation;

    /** Of an event that came after the read was sent; 0 for none. */
    long changedZxid;

    Load(long generation) {
      this.generation = generation;
    }
  }

  /** Made by {@code Recipes.cache}. */
  public NearCache(QuorateClient client, String path, Codec<T> codec, CacheOptions options) {
    String problem = ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("path of a cache: " + problem + ": '" + path + "'");
    }
    this.client = client;
    this.root = path;
    this.codec = Objects.requireNonNull(codec, "codec");
    this.options = options;
    this.freshness = new Freshness(client);
    this.entries =
        Caffeine.newBuilder()
            .maximumSize(options.maximumSize())
            .expireAfterWrite(options.reloadAfter())
            .executor(client.scheduler().executor())
            .ticker(client.scheduler()::nanoTime)
            .build();
  }

  /** Begins to watch; never waits, and needs no server yet. */
  public NearCache<T> start() {
    synchronized (lock) {
      watchIfNeeded();
    }
    return this;
  }

  /** Holding the lock. */
  private void watchIfNeeded() {
    if (watch != null || closed) {
      return;
    }
    Watch left = client.watch(root, WatchScope.RECURSIVE, this::onEvent);
    watch = left;
    var unused =
        left.registered()
            .whenComplete(
                (done, failure) -> {
                  if (failure == null) {
                    freshness.confirmed(client.scheduler().nanoTime());
                  } else if (!(Settled.unwrap(failure) instanceof UnavailableException)) {
                    // Refused. Otherwise it is registered as soon as a server answers.
                    unwatched(left);
                  }
                });
  }

  private void unwatched(Watch refused) {
    synchronized (lock) {
      if (watch == refused) {
        watch = null;
        refused.close();
        dropAll();
      }
    }
  }

  /** Holding the lock. */
  private void dropAll() {
    generation++;
    entries.invalidateAll();
    freshness.doubtful();
  }

  private void onEvent(ZnodeEvent event) {
    synchronized (lock) {
      if (event.type() == ZnodeEvent.Type.RESYNC) {
        dropAll();
        // The watch is held again: from now on events tell everything.
        freshness.confirmed(client.scheduler().nanoTime());
        return;
      }
      heardZxid = Math.max(heardZxid, event.zxid());
      String key = keyOf(event.path());
      if (key == null) {
        return;
      }
      Cached<T> entry = entries.getIfPresent(key);
      if (entry != null && entry.zxid() < event.zxid()) {
        entries.invalidate(key);
      }
      Load<T> load = loads.get(key);
      if (load != null) {
        load.changedZxid = Math.max(load.changedZxid, event.zxid());
      }
    }
  }

  /** Null for the root itself. */
  private @Nullable String keyOf(String path) {
    int prefix = root.equals(ZnodePath.ROOT) ? 1 : root.length() + 1;
    return path.length() <= prefix ? null : path.substring(prefix);
  }

  // ---- reading
  // -----------------------------------------------------------------------------------

  /**
   * The value of the znode {@code key} below the path of this cache: at once if it is cached, else
   * when it is loaded, once for all who ask meanwhile. Fails like a read of the client, with {@link
   * CodecException} if the bytes are no such value (which is not cached), and with {@link
   * UnavailableException} when the options want values not so old and there is no connection.
   */
  public CompletableFuture<Cached<T>> get(String key) {
    String path = pathOf(key);
    Cached<T> hit = entries.getIfPresent(key);
    if (hit != null) {
      Duration age = age();
      if (age.compareTo(options.maxStale()) <= 0) {
        return CompletableFuture.completedFuture(hit);
      }
      if (!freshness.isCurrent() || age.compareTo(client.sessionTimeout()) > 0) {
        return CompletableFuture.failedFuture(
            new UnavailableException(
                "%s is cached, but was last known to be current %d ms ago, asked for at most %d ms; the client is %s"
                    .formatted(
                        path, age.toMillis(), options.maxStale().toMillis(), client.state())));
      }
    }
    Load<T> load;
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(
            new IllegalStateException("the cache of " + root + " is closed"));
      }
      Load<T> running = loads.get(key);
      if (running != null && running.changedZxid == 0 && running.generation == generation) {
        return running.result.copy();
      }
      watchIfNeeded();
      load = new Load<>(generation);
      loads.put(key, load);
    }
    // The watch is registered before the read, in one pipeline: no change is missed in between.
    var unused =
        client.get(path).whenComplete((znode, failure) -> answered(key, load, znode, failure));
    return load.result.copy();
  }

  private void answered(
      String key, Load<T> load, @Nullable Znode znode, @Nullable Throwable failure) {
    Throwable reason = failure == null ? null : Settled.unwrap(failure);
    Cached<T> found = null;
    if (znode != null) {
      byte[] data = znode.data();
      try {
        T value = codec.decode(data == null ? new byte[0] : data);
        found = new Cached<>(key, Optional.of(value), znode.zxid(), znode.stat().mzxid());
      } catch (CodecException e) {
        reason = e;
      }
    }
    synchronized (lock) {
      if (loads.get(key) == load) {
        loads.remove(key);
      }
      if (znode != null) {
        heardZxid = Math.max(heardZxid, znode.zxid());
      }
      if (reason instanceof NoNodeException) {
        // The answer does not say its zxid; nothing of this key was heard since the newest one.
        found = new Cached<>(key, Optional.empty(), heardZxid, 0);
      }
      boolean kept = !closed && watch != null && load.generation == generation;
      // Of an absence it is not known which changes it includes.
      long newest = found == null || found.value().isEmpty() ? 0 : found.zxid();
      if (found != null && kept && load.changedZxid <= newest && isNewer(found)) {
        entries.put(key, found);
      }
    }
    if (found != null) {
      load.result.complete(found);
    } else {
      load.result.completeExceptionally(
          reason == null ? new IllegalStateException("no answer for " + key) : reason);
    }
  }

  /** Holding the lock. */
  private boolean isNewer(Cached<T> found) {
    Cached<T> present = entries.getIfPresent(found.key());
    return present == null || present.zxid() <= found.zxid();
  }

  private String pathOf(String key) {
    String path = root.equals(ZnodePath.ROOT) ? "/" + key : root + "/" + key;
    String problem = ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("key '" + key + "' of the cache " + root + ": " + problem);
    }
    return path;
  }

  /** Forgets what is cached of a key, so that it is loaded when next asked for. */
  public void forget(String key) {
    synchronized (lock) {
      entries.invalidate(key);
      Load<T> load = loads.get(key);
      if (load != null) {
        load.changedZxid = Long.MAX_VALUE;
      }
    }
  }

  /**
   * Time since the last proof that every change was heard of: below a ping's interval while
   * connected, and growing from the last contact on while cut off.
   */
  public Duration age() {
    return freshness.age();
  }

  /** Entries at the moment, about. */
  public long size() {
    entries.cleanUp();
    return entries.estimatedSize();
  }

  /** Ends the watch and drops everything. Loads under way still complete. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      if (watch != null) {
        watch.close();
      }
      dropAll();
    }
  }

  @Override
  public String toString() {
    return "NearCache(" + root + ")";
  }
}
