package io.quorate.recipes.queue;

import io.quorate.client.CreateOptions;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuotaExceededException;
import io.quorate.client.Subscription;
import io.quorate.client.Znode;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A queue of work among processes: each item is delivered until somebody acknowledges it, so at
 * least once, and in effect once for whoever checks the token.
 *
 * <p>Items of one priority are taken in the order in which they were put, a producer's own order
 * always; those that come again go first. Any thread. Costs nothing on the ensemble until it takes
 * items; then it has a place in the line of keepers until it is closed.
 */
public final class WorkQueue<T> implements AutoCloseable {
  private static final int DATA_BYTES_MAX = 1 << 20;
  private static final int DEAD_PAGE = 100;

  /** Most items that are put together: each takes up to two operations of a multi. */
  public static final int BATCH_MAX = 2000;

  private final QueueCore core;
  private final Codec<T> codec;
  private final Dispatcher<T> dispatcher;
  private final Keeper keeper;
  private final Appender[] appenders = new Appender[PutOptions.PRIORITY_MAX + 1];
  private final List<QueueConsumption<T>> consumptions = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /** Made by {@code Recipes.queue}. */
  public WorkQueue(QuorateClient client, String path, Codec<T> codec, QueueOptions options) {
    Objects.requireNonNull(client, "client");
    String problem =
        path.equals(ZnodePath.ROOT) ? "the root can't be a queue" : ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("path of a queue: " + problem + ": '" + path + "'");
    }
    this.core = new QueueCore(client, path, Objects.requireNonNull(options, "options"));
    this.codec = Objects.requireNonNull(codec, "codec");
    this.dispatcher = new Dispatcher<>(core, codec);
    this.keeper = new Keeper(core, this);
    core.whenClientClosed(
        () -> {
          dispatcher.close();
          keeper.close();
        });
    for (int i = 0; i < appenders.length; i++) {
      appenders[i] = new Appender(core, i);
    }
  }

  public String path() {
    return core.paths.root();
  }

  /** Calls {@code listener} with each trouble that somebody should look into. */
  public WorkQueue<T> onProblem(Consumer<Throwable> listener) {
    core.onProblem(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  Appender appender(int priority) {
    return appenders[priority];
  }

  // ---- put

  /** With the usual priority and no delay. The future has the id of the item. */
  public CompletableFuture<String> put(T value) {
    return put(value, PutOptions.DEFAULT);
  }

  /**
   * Puts an item. Fails with {@link QueueFullException} if a bounded queue has no room, and with
   * {@code OutcomeUnknownException} if it may have been put or not.
   */
  public CompletableFuture<String> put(T value, PutOptions options) {
    return putAll(List.of(value), options).thenApply(ids -> ids.get(0));
  }

  public CompletableFuture<List<String>> putAll(List<? extends T> values) {
    return putAll(values, PutOptions.DEFAULT);
  }

  /**
   * Puts all items or none, at one zxid, in the order of the list; of a delayed batch the order is
   * likely and not promised.
   *
   * @param values at most {@link #BATCH_MAX}, together below 1 MiB
   */
  public CompletableFuture<List<String>> putAll(List<? extends T> values, PutOptions options) {
    if (values.isEmpty() || values.size() > BATCH_MAX) {
      throw new IllegalArgumentException(
          "expected 1 to " + BATCH_MAX + " items, found " + values.size());
    }
    boolean bounded = core.options.capacity() > 0;
    List<String> ids = new ArrayList<>();
    List<byte[]> items = new ArrayList<>();
    List<Op> rooms = new ArrayList<>();
    for (T value : values) {
      byte[] payload = codec.encode(value);
      if (payload.length > DATA_BYTES_MAX - Envelope.HEADER_BYTES_MAX) {
        throw new IllegalArgumentException(
            "expected an item of at most %d bytes, found %d"
                .formatted(DATA_BYTES_MAX - Envelope.HEADER_BYTES_MAX, payload.length));
      }
      String id = core.newId();
      ids.add(id);
      items.add(new Envelope(id, options.priority(), bounded, 0, "", payload).encode());
      if (bounded) {
        rooms.add(Op.create(QueuePaths.child(core.paths.room(), id), new byte[0]));
      }
    }
    if (bounded) {
      rooms.add(Op.subtreeCount(core.paths.room(), core.options.capacity()));
    }
    CompletableFuture<List<String>> promised = new CompletableFuture<>();
    if (closed) {
      promised.completeExceptionally(
          new QueueClosedException("this handle of queue " + path() + " is closed"));
      return promised;
    }
    core.lane.execute(() -> putInLane(options, ids, items, rooms, promised));
    return promised;
  }

  private void putInLane(
      PutOptions options,
      List<String> ids,
      List<byte[]> items,
      List<Op> rooms,
      CompletableFuture<List<String>> promised) {
    CompletableFuture<?> done;
    if (options.delay().isZero()) {
      done = appenders[options.priority()].append(List.of(), items, rooms);
    } else {
      done = delay(options, ids, items, rooms);
    }
    Settled.then(
        done,
        core.callbacks,
        put -> promised.complete(List.copyOf(ids)),
        failure -> promised.completeExceptionally(asPutFailure(failure)));
  }

  private CompletableFuture<?> delay(
      PutOptions options, List<String> ids, List<byte[]> items, List<Op> rooms) {
    List<Op> ops = new ArrayList<>();
    CreateOptions timer = CreateOptions.of(CreateMode.PERSISTENT).withExpiry(options.delay());
    for (int i = 0; i < ids.size(); i++) {
      ops.add(Op.create(QueuePaths.child(core.paths.delayed(), ids.get(i)), items.get(i)));
      ops.add(Op.create(QueuePaths.child(core.paths.timers(), ids.get(i)), new byte[0], timer));
    }
    ops.addAll(rooms);
    try {
      return core.multi(core.client, options.priority(), ops);
    } catch (IllegalArgumentException e) {
      // Of the client, about the size of what it was given.
      return CompletableFuture.failedFuture(e);
    }
  }

  private Throwable asPutFailure(Throwable failure) {
    if (failure instanceof QuotaExceededException quota && quota.path().equals(core.paths.room())) {
      return new QueueFullException(
          "queue %s is bounded to %d items, with what was to be put it would have %d"
              .formatted(path(), quota.limit(), quota.found()),
          failure);
    }
    return failure;
  }

  // ---- take

  /**
   * Takes an item, or nothing if there is none within the timeout.
   *
   * @param timeout for all of it; zero or less looks once
   * @throws InterruptedException if interrupted; then nothing is taken
   * @throws IllegalStateException on a callback thread of the client
   */
  public Optional<Item<T>> take(Duration timeout) throws InterruptedException {
    if (core.client.scheduler().onCallbackThread()) {
      throw new IllegalStateException(
          "waiting for an item of queue "
              + path()
              + " on a callback thread would hold up the answer that is waited for: use takeAsync");
    }
    CompletableFuture<Optional<Item<T>>> taken = takeAsync(timeout);
    try {
      return core.client.blocking().await(taken);
    } catch (InterruptedException e) {
      taken.cancel(false);
      throw e;
    }
  }

  /** As {@link #take}, without waiting. An item that comes after a cancellation is given back. */
  public CompletableFuture<Optional<Item<T>>> takeAsync(Duration timeout) {
    OneTake take = new OneTake(timeout.isZero() || timeout.isNegative());
    Duration patience = take.once ? core.client.requestTimeout() : timeout;
    core.lane.execute(
        () -> {
          take.timer = core.after(patience, take::giveUp);
          keeper.join();
          dispatcher.want(take);
        });
    return take.promised;
  }

  private final class OneTake implements Dispatcher.Taker<T> {
    private final boolean once;
    private final CompletableFuture<Optional<Item<T>>> promised = new CompletableFuture<>();
    private @Nullable Subscription timer;
    private boolean over;

    OneTake(boolean once) {
      this.once = once;
      Settled.then(
          promised,
          core.lane,
          item -> {},
          failure -> {
            if (promised.isCancelled()) {
              giveUp();
            }
          });
    }

    @Override
    public boolean offer(ClaimedItem<T> item) {
      if (over || promised.isDone()) {
        return false;
      }
      end();
      core.callbacks.execute(
          () -> {
            if (!promised.complete(Optional.of(item))) {
              CompletableFuture<Void> returned = item.releaseAsync();
              assert returned != null;
            }
          });
      return true;
    }

    @Override
    public void fail(Throwable failure) {
      end();
      core.fail(promised, failure);
    }

    @Override
    public boolean nothingThere() {
      if (once) {
        giveUp();
      }
      return once;
    }

    private void giveUp() {
      if (!over) {
        end();
        dispatcher.forget(this);
        core.complete(promised, Optional.empty());
      }
    }

    private void end() {
      over = true;
      if (timer != null) {
        timer.close();
      }
    }
  }

  /**
   * Lets {@code workers} handlers at a time work on items, on {@code executor}, until the result is
   * closed. What a handler throws brings its item back after a back-off, and after the last attempt
   * to the dead letters.
   *
   * @param executor has room for so many tasks that block; one that refuses is a problem that is
   *     told, and tried again
   */
  public Consumption consume(int workers, Executor executor, ItemHandler<? super T> handler) {
    if (workers < 1) {
      throw new IllegalArgumentException("expected 1 worker or more, found " + workers);
    }
    if (closed) {
      throw new QueueClosedException("this handle of queue " + path() + " is closed");
    }
    QueueConsumption<T> consumption =
        new QueueConsumption<>(core, dispatcher, workers, executor, handler, consumptions::remove);
    consumptions.add(consumption);
    core.lane.execute(
        () -> {
          keeper.join();
          consumption.begin();
        });
    return consumption;
  }

  // ---- look and repair

  /** How many items there are. */
  public CompletableFuture<QueueSizes> sizes() {
    return ready()
        .thenCombine(count(core.paths.inflight()), (ready, n) -> new QueueSizes(ready, n, 0, 0))
        .thenCombine(
            count(core.paths.delayed()), (s, n) -> new QueueSizes(s.ready(), s.inFlight(), n, 0))
        .thenCombine(
            count(core.paths.dead()),
            (s, n) -> new QueueSizes(s.ready(), s.inFlight(), s.delayed(), n));
  }

  private CompletableFuture<Long> count(String folder) {
    return core.client
        .exists(folder)
        .thenApply(stat -> (long) stat.map(ZnodeStat::numChildren).orElse(0));
  }

  private CompletableFuture<Long> ready() {
    CompletableFuture<Long> sum = CompletableFuture.completedFuture(0L);
    for (int priority = 0; priority <= PutOptions.PRIORITY_MAX; priority++) {
      String folder = core.paths.ready(priority);
      CompletableFuture<Long> folders = count(folder);
      CompletableFuture<Long> all =
          core.client
              .subtreeCount(folder)
              .exceptionally(
                  failure -> {
                    if (Settled.unwrap(failure) instanceof NoNodeException) {
                      return 0L;
                    }
                    throw new CompletionException(Settled.unwrap(failure));
                  });
      sum =
          sum.thenCombine(
              folders.thenCombine(all, (f, a) -> Math.max(0, a - f)), (one, other) -> one + other);
    }
    return sum;
  }

  /** The first dead letters. */
  public CompletableFuture<List<DeadLetter>> deadLetters() {
    return deadLetters("", DEAD_PAGE);
  }

  /**
   * A page of the dead letters, in the order of their ids.
   *
   * @param afterId only ids greater than this; empty for all
   * @param limit at most so many; fewer do not mean that there are no more
   */
  public CompletableFuture<List<DeadLetter>> deadLetters(String afterId, int limit) {
    return core.client
        .childrenPage(core.paths.dead(), afterId, limit)
        .thenCompose(
            page -> {
              CompletableFuture<List<DeadLetter>> all =
                  CompletableFuture.completedFuture(List.of());
              for (String id : page.names()) {
                CompletableFuture<Optional<DeadLetter>> one =
                    orNothing(core.client.get(dead(id)).thenApply(znode -> letter(id, znode)));
                all = all.thenCombine(one, WorkQueue::with);
              }
              return all;
            })
        .exceptionally(
            failure -> {
              if (Settled.unwrap(failure) instanceof NoNodeException) {
                return List.of();
              }
              throw new CompletionException(Settled.unwrap(failure));
            });
  }

  private static <E> List<E> with(List<E> all, Optional<E> one) {
    List<E> more = new ArrayList<>(all);
    one.ifPresent(more::add);
    return more;
  }

  private static <E> CompletableFuture<Optional<E>> orNothing(CompletableFuture<E> future) {
    return future
        .thenApply(Optional::of)
        .exceptionally(
            failure -> {
              if (Settled.unwrap(failure) instanceof NoNodeException) {
                return Optional.empty();
              }
              throw new CompletionException(Settled.unwrap(failure));
            });
  }

  private static DeadLetter letter(String id, Znode znode) {
    Envelope item = envelope(id, znode);
    return new DeadLetter(id, item.reason(), item.attempts(), item.priority(), item.payload());
  }

  private static Envelope envelope(String id, Znode znode) {
    byte[] bytes = znode.data() == null ? new byte[0] : znode.data();
    try {
      return Envelope.decode(bytes);
    } catch (IllegalArgumentException e) {
      return new Envelope(id, 0, false, 0, String.valueOf(e.getMessage()), bytes);
    }
  }

  private String dead(String id) {
    return QueuePaths.child(core.paths.dead(), id);
  }

  /** Puts a dead letter back to the end of its priority, with all attempts before it again. */
  public CompletableFuture<Void> requeue(String id) {
    return core.client
        .get(dead(id))
        .thenComposeAsync(
            znode -> {
              Envelope item = envelope(id, znode).named(id).attempt(0).because("");
              return appenders[item.priority()].append(
                  List.of(Op.checkCzxid(dead(id), znode.stat().czxid()), Op.delete(dead(id))),
                  List.of(item.outOfRoom().encode()),
                  List.of());
            },
            core.lane)
        .thenApplyAsync(done -> null, core.callbacks);
  }

  /** Deletes a dead letter for good. */
  public CompletableFuture<Void> deleteDeadLetter(String id) {
    return core.client.delete(dead(id));
  }

  // ---- end

  /**
   * Closes the consumptions of this handle and waits for them, but no longer than the client's
   * request timeout; fails takes that wait; leaves all lines. Items that were taken by hand stay
   * with their takers. Doesn't wait on a callback thread. Never throws.
   */
  @Override
  public void close() {
    closed = true;
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (QueueConsumption<T> each : consumptions) {
      ends.add(each.closeAsync());
    }
    CompletableFuture<Void> all = CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
    core.lane.execute(dispatcher::close);
    Settled.then(all, core.lane, done -> keeper.close(), failure -> keeper.close());
    QueueConsumption.await(core.client, all);
  }

  @Override
  public String toString() {
    return "WorkQueue(" + path() + ")";
  }
}
