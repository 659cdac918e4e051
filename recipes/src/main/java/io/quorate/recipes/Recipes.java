package io.quorate.recipes;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.cache.CacheOptions;
import io.quorate.recipes.cache.NearCache;
import io.quorate.recipes.config.ConfigBuilder;
import io.quorate.recipes.config.ConfigTreeBuilder;
import io.quorate.recipes.discovery.Discovery;
import io.quorate.recipes.discovery.DiscoveryOptions;
import io.quorate.recipes.discovery.Instance;
import io.quorate.recipes.discovery.Registration;
import io.quorate.recipes.discovery.Strategy;
import io.quorate.recipes.leader.LeaderLatch;
import io.quorate.recipes.leader.LeaderSelector;
import io.quorate.recipes.leader.LeaderTask;
import io.quorate.recipes.lock.DistributedLock;
import io.quorate.recipes.lock.DistributedReadWriteLock;
import io.quorate.recipes.lock.DistributedSemaphore;
import io.quorate.recipes.lock.LockOptions;
import io.quorate.recipes.lock.MultiLock;
import io.quorate.recipes.lock.SemaphoreOptions;
import io.quorate.recipes.queue.QueueOptions;
import io.quorate.recipes.queue.WorkQueue;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Makes recipes on one client. Holds no state and needs no closing: what it makes uses the client's
 * session, threads and clock, and ends with the client at the latest. Any thread.
 */
public final class Recipes {
  private final QuorateClient client;

  private Recipes(QuorateClient client) {
    this.client = client;
  }

  public static Recipes on(QuorateClient client) {
    return new Recipes(client);
  }

  /**
   * The lock that {@code path} stands for. Everybody who names the same path competes for it; the
   * znode at the path and its missing parents are created when first needed.
   */
  public DistributedLock lock(String path) {
    return new DistributedLock(client, path);
  }

  /**
   * A typed value in the znode at {@code path}, which need not exist. Begins with {@link
   * ConfigBuilder#start}.
   */
  public <T> ConfigBuilder<T> config(String path, Codec<T> codec) {
    return new ConfigBuilder<>(client, path, codec);
  }

  /** Several keys below {@code path}, always as of one zxid. */
  public ConfigTreeBuilder configTree(String path) {
    return new ConfigTreeBuilder(client, path);
  }

  /** A cache of the znodes below {@code path}, kept right by one watch. */
  public <T> NearCache<T> cache(String path, Codec<T> codec, CacheOptions options) {
    return new NearCache<>(client, path, codec, options).start();
  }

  /** A queue of work at {@code path}, with the usual options. */
  public <T> WorkQueue<T> queue(String path, Codec<T> codec) {
    return queue(path, codec, QueueOptions.DEFAULT);
  }

  /** A queue of work at {@code path}; its znodes are created when first needed. */
  public <T> WorkQueue<T> queue(String path, Codec<T> codec, QueueOptions options) {
    return new WorkQueue<>(client, path, codec, options);
  }

  /** Registers an instance below {@code /services}, from now on until the handle is closed. */
  public Registration register(String service, Instance instance) {
    return register(service, instance, DiscoveryOptions.DEFAULT);
  }

  public Registration register(String service, Instance instance, DiscoveryOptions options) {
    return new Registration(client, service, instance, options).start();
  }

  /** Finds the instances of a service below {@code /services}. */
  public Discovery discover(String service, Strategy strategy) {
    return discover(service, strategy, DiscoveryOptions.DEFAULT);
  }

  public Discovery discover(String service, Strategy strategy, DiscoveryOptions options) {
    return new Discovery(client, service, strategy, options).start();
  }

  /** Names of the services below {@code /services} that have an instance. */
  public CompletableFuture<List<String>> services() {
    return Discovery.services(client, DiscoveryOptions.DEFAULT.root());
  }

  /** As above, with options that everybody who names the path should share. */
  public DistributedLock lock(String path, LockOptions options) {
    return new DistributedLock(client, path, options);
  }

  /**
   * A participant in the election at {@code path}, to be started.
   *
   * @param id who it is, for people and for the others; should be unique, need not be
   */
  public LeaderLatch leader(String path, String id) {
    return new LeaderLatch(client, path, id);
  }

  /** A participant that runs {@code task} on {@code executor} while it leads, to be started. */
  public LeaderSelector whileLeading(String path, String id, LeaderTask task, Executor executor) {
    return new LeaderSelector(client, path, id, task, executor);
  }

  /** A lock for many readers or one writer. */
  public DistributedReadWriteLock readWriteLock(String path) {
    return new DistributedReadWriteLock(client, path);
  }

  /**
   * A number of permits that all who name the path share.
   *
   * @param limit as stored in the znode, or to be stored in it when it is first needed
   */
  public DistributedSemaphore semaphore(String path, int limit) {
    return semaphore(path, limit, SemaphoreOptions.DEFAULT);
  }

  public DistributedSemaphore semaphore(String path, int limit, SemaphoreOptions options) {
    return new DistributedSemaphore(client, path, limit, options);
  }

  /** Several locks at once, without danger of waiting for each other. */
  public MultiLock lockAll(String... paths) {
    return new MultiLock(client, List.of(paths));
  }
}
