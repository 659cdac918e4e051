package io.quorate.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.client.connection.SessionDriver;
import io.quorate.client.dispatch.CallbackDispatcher;
import io.quorate.client.session.SessionConfig;
import io.quorate.client.session.SessionInput;
import io.quorate.client.session.SessionOutput;
import io.quorate.client.session.SessionRequest;
import io.quorate.data.CreateMode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the client together: calls to inputs of the session, its outputs to callbacks. */
final class DefaultQuorateClient implements QuorateClient {
  private static final Logger LOG = LoggerFactory.getLogger(DefaultQuorateClient.class);

  /** Largest data of a request, all operations of a multi together, bytes. */
  private static final int DATA_BYTES_MAX = 1 << 20;

  private static final int MULTI_OPS_MAX = 4096;
  private static final int PAGE_NAMES = 1000;

  /** What close waits beyond the time that the session has, for callbacks to end. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);

  private final Settings settings;
  private final Paths paths;
  private final LongSupplier clock;
  private final CallbackDispatcher dispatcher;
  private final SessionDriver driver;
  private final ClientMeters meters;
  private final Scheduler scheduler = new Scheduler();
  private final Listeners<ConnectionState> stateListeners = new Listeners<>();
  private final Listeners<SessionLoss> lossListeners = new Listeners<>();
  private final AtomicLong watchIds = new AtomicLong();
  private final AtomicBoolean overtakingScheduled = new AtomicBoolean();
  private final AtomicBoolean closeBegun = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  // Written by the I/O thread.
  private volatile ConnectionState state = ConnectionState.SUSPENDED;
  private volatile long sessionId;
  private volatile long safeUntilNanos = Long.MIN_VALUE / 2;
  private volatile Duration grantedTimeout;

  /** What the builder was told, checked. */
  record Settings(
      List<String> servers,
      String namespace,
      Duration sessionTimeout,
      Duration requestTimeout,
      String clientName,
      @Nullable MeterRegistry meters,
      @Nullable Executor executor) {}

  DefaultQuorateClient(Settings settings) {
    this.settings = settings;
    this.paths = new Paths(settings.namespace());
    this.grantedTimeout = settings.sessionTimeout();
    long origin = System.nanoTime();
    this.clock = () -> System.nanoTime() - origin;
    this.dispatcher = new CallbackDispatcher(settings.executor(), clock, "quorate-callbacks");
    this.meters = new ClientMeters(settings.meters(), settings.clientName(), () -> state);
    this.driver =
        new SessionDriver(
            SessionConfig.of(
                settings.servers(), settings.sessionTimeout().toMillis(), settings.clientName()),
            clock,
            () -> ThreadLocalRandom.current().nextLong(),
            new Outputs(),
            "quorate-client");
    driver.start();
    createNamespace();
  }

  /**
   * Before any operation of the user's in the queue; again if the session is lost before it is
   * done.
   */
  private void createNamespace() {
    if (paths.isRoot()) {
      return;
    }
    String root = paths.root();
    for (int slash = root.indexOf('/', 1); slash > 0; slash = root.indexOf('/', slash + 1)) {
      createQuietly(root.substring(0, slash));
    }
    createQuietly(root);
  }

  private void createQuietly(String serverPath) {
    WriteOp create = new WriteOp.Create(serverPath, null, CreateMode.PERSISTENT);
    Call<Created> call =
        new Call<>("create", serverPath, List.of(), clock.getAsLong(), Readings::created);
    submit(call, new SessionRequest.Write(create), Long.MAX_VALUE)
        .whenComplete(
            (done, failure) -> {
              if (failure instanceof SessionLostException
                  || failure instanceof OutcomeUnknownException) {
                createQuietly(serverPath);
              } else if (failure != null
                  && !(failure instanceof NodeExistsException)
                  && !(failure instanceof ClientClosedException)) {
                LOG.warn("The namespace {} can't be created", paths.root(), failure);
              }
            });
  }

  // ---- writes ----------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Created> create(String path, byte @Nullable [] data, CreateMode mode) {
    return write(
        "create",
        Op.create(path, data, mode),
        (result, zxid) -> {
          Created created = Readings.created(result, zxid);
          return new Created(paths.outside(created.path()), created.stat());
        });
  }

  @Override
  public CompletableFuture<Void> delete(String path, int version) {
    return write("delete", Op.delete(path, version), Readings::nothing);
  }

  @Override
  public CompletableFuture<ZnodeStat> set(String path, byte @Nullable [] data, int version) {
    return write(
        "set", Op.set(path, data, version), (result, zxid) -> ((OpResult.DataSet) result).stat());
  }

  private <T> CompletableFuture<T> write(String operation, Op op, Call.Reading<T> reading) {
    requireSize(dataBytes(op.write()));
    Call<T> call =
        new Call<>(operation, Paths.of(op.write()), List.of(op), clock.getAsLong(), reading);
    return submit(call, new SessionRequest.Write(paths.inside(op.write())), deadline());
  }

  @Override
  public CompletableFuture<MultiResult> multi(List<Op> ops) {
    List<Op> all = List.copyOf(ops);
    if (all.isEmpty() || all.size() > MULTI_OPS_MAX) {
      throw new IllegalArgumentException(
          "a multi has 1 to " + MULTI_OPS_MAX + " operations, found " + all.size());
    }
    long bytes = 0;
    List<WriteOp> writes = new ArrayList<>(all.size());
    for (Op op : all) {
      bytes += dataBytes(op.write());
      writes.add(op.write());
    }
    requireSize(bytes);
    Call<MultiResult> call =
        new Call<>(
            "multi",
            "",
            all,
            clock.getAsLong(),
            (result, zxid) -> new MultiResult(zxid, outside((OpResult.MultiDone) result)));
    WriteOp multi = paths.inside(new WriteOp.Multi(writes));
    return submit(call, new SessionRequest.Write(multi), deadline());
  }

  private List<OpResult> outside(OpResult.MultiDone done) {
    List<OpResult> results = new ArrayList<>(done.results().size());
    for (OpResult result : done.results()) {
      results.add(
          result instanceof OpResult.Created created
              ? new OpResult.Created(paths.outside(created.path()), created.stat())
              : result);
    }
    return results;
  }

  private static long dataBytes(WriteOp op) {
    byte[] data = null;
    if (op instanceof WriteOp.Create create) {
      data = create.data();
    } else if (op instanceof WriteOp.SetData set) {
      data = set.data();
    }
    return Paths.of(op).length() + (data == null ? 0L : data.length);
  }

  private static void requireSize(long bytes) {
    if (bytes > DATA_BYTES_MAX) {
      throw new IllegalArgumentException(
          "data and path have at most " + DATA_BYTES_MAX + " bytes, found " + bytes);
    }
  }

  // ---- reads -----------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Znode> get(String path, Consistency consistency) {
    return read("get", path, new ReadOp.Get(inside(path)), consistency, null, Readings::znode);
  }

  @Override
  public CompletableFuture<Znode> get(String path, WatchListener listener) {
    return read(
        "get", path, new ReadOp.Get(inside(path)), Consistency.SESSION, listener, Readings::znode);
  }

  @Override
  public CompletableFuture<Optional<ZnodeStat>> exists(String path, Consistency consistency) {
    return read(
        "exists", path, new ReadOp.Exists(inside(path)), consistency, null, Readings::existence);
  }

  @Override
  public CompletableFuture<Optional<ZnodeStat>> exists(String path, WatchListener listener) {
    return read(
        "exists",
        path,
        new ReadOp.Exists(inside(path)),
        Consistency.SESSION,
        listener,
        Readings::existence);
  }

  @Override
  public CompletableFuture<Children> children(String path, Consistency consistency) {
    return allChildren(path, consistency, null);
  }

  @Override
  public CompletableFuture<Children> children(String path, WatchListener listener) {
    return allChildren(path, Consistency.SESSION, listener);
  }

  /** The first page carries the consistency and the watch: later ones are not older. */
  private CompletableFuture<Children> allChildren(
      String path, Consistency consistency, @Nullable WatchListener listener) {
    long deadline = deadline();
    return children(path, "", consistency, listener, deadline)
        .thenCompose(page -> withFollowing(path, new ArrayList<>(), page, deadline));
  }

  private CompletableFuture<Children> withFollowing(
      String path, List<String> names, OpResult.ChildNames page, long deadline) {
    names.addAll(page.names());
    if (!page.more() || page.names().isEmpty()) {
      return CompletableFuture.completedFuture(new Children(names, page.stat()));
    }
    String last = page.names().get(page.names().size() - 1);
    return children(path, last, Consistency.SESSION, null, deadline)
        .thenCompose(next -> withFollowing(path, names, next, deadline));
  }

  private CompletableFuture<OpResult.ChildNames> children(
      String path,
      String afterName,
      Consistency consistency,
      @Nullable WatchListener listener,
      long deadline) {
    return read(
        "children",
        path,
        new ReadOp.Children(inside(path), afterName, PAGE_NAMES),
        consistency,
        listener,
        deadline,
        (result, zxid) -> (OpResult.ChildNames) result);
  }

  private <T> CompletableFuture<T> read(
      String operation,
      String path,
      ReadOp op,
      Consistency consistency,
      @Nullable WatchListener listener,
      Call.Reading<T> reading) {
    return read(operation, path, op, consistency, listener, deadline(), reading);
  }

  private <T> CompletableFuture<T> read(
      String operation,
      String path,
      ReadOp op,
      Consistency consistency,
      @Nullable WatchListener listener,
      long deadline,
      Call.Reading<T> reading) {
    boolean linearizable = consistency == Consistency.LINEARIZABLE;
    SessionRequest request =
        listener == null
            ? SessionRequest.Read.plain(op, linearizable)
            : new SessionRequest.Read(
                op, linearizable, watchIds.incrementAndGet(), oneShot(path, listener));
    return submit(
        new Call<>(operation, path, List.of(), clock.getAsLong(), reading), request, deadline);
  }

  private WatchTarget oneShot(String path, WatchListener listener) {
    return new WatchTarget(
        paths, path, listener, CompletableFuture.completedFuture(null), () -> {});
  }

  private String inside(String path) {
    return paths.inside(Paths.valid(path));
  }

  @Override
  public CompletableFuture<Void> sync() {
    Call<Void> call = new Call<>("sync", "", List.of(), clock.getAsLong(), Readings::nothing);
    return submit(call, new SessionRequest.Sync(), deadline());
  }

  @Override
  public Watch watch(String path, WatchListener listener) {
    String serverPath = inside(path);
    long id = watchIds.incrementAndGet();
    Call<Void> call = new Call<>("watch", path, List.of(), clock.getAsLong(), Readings::nothing);
    WatchTarget target =
        new WatchTarget(paths, path, listener, call.future, () -> unwatch(id, path));
    submit(call, new SessionRequest.AddWatch(id, serverPath, target), deadline());
    return target;
  }

  private void unwatch(long id, String path) {
    Call<Void> call = new Call<>("unwatch", path, List.of(), clock.getAsLong(), Readings::nothing);
    submit(call, new SessionRequest.RemoveWatch(id), Long.MAX_VALUE);
  }

  private long deadline() {
    return Deadline.after(settings.requestTimeout(), clock).nanoTime();
  }

  @com.google.errorprone.annotations.CanIgnoreReturnValue
  private <T> CompletableFuture<T> submit(Call<T> call, SessionRequest request, long deadline) {
    meters.begun();
    if (!driver.submit(new SessionInput.Submit(call, request, deadline))) {
      // The I/O thread has ended, and nobody else will complete it.
      dispatcher.execute(
          call,
          () ->
              call.complete(
                  new SessionOutput.Unanswered(SessionOutput.Reason.CLOSED, "the client is closed"),
                  settings.requestTimeout()));
    }
    return call.future;
  }

  // ---- session
  // -----------------------------------------------------------------------------------

  @Override
  public ConnectionState state() {
    return state;
  }

  @Override
  public Subscription onStateChange(Consumer<ConnectionState> listener) {
    return stateListeners.add(listener);
  }

  @Override
  public Subscription onSessionLost(Consumer<SessionLoss> listener) {
    return lossListeners.add(listener);
  }

  @Override
  public long sessionId() {
    return sessionId;
  }

  @Override
  public Deadline safeUntil() {
    return Deadline.at(safeUntilNanos, clock);
  }

  @Override
  public String clientName() {
    return settings.clientName();
  }

  @Override
  public Duration sessionTimeout() {
    return grantedTimeout;
  }

  @Override
  public Duration requestTimeout() {
    return settings.requestTimeout();
  }

  @Override
  public ClientScheduler scheduler() {
    return scheduler;
  }

  @Override
  public void close() {
    if (closeBegun.compareAndSet(false, true)
        && !driver.submit(new SessionInput.Close(deadline()))) {
      closed.countDown();
    }
    if (dispatcher.onCallbackThread() || driver.onIoThread()) {
      return;
    }
    try {
      Duration patience = settings.requestTimeout().plus(CLOSE_GRACE);
      if (!closed.await(patience.toMillis(), TimeUnit.MILLISECONDS)
          || !dispatcher.drain(CLOSE_GRACE)) {
        LOG.warn("Client {} did not close in time", settings.clientName());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- outputs
  // -----------------------------------------------------------------------------------

  /** What the session machine says, on the I/O thread. */
  private final class Outputs implements SessionDriver.Sink {
    @Override
    public void safeUntil(long nanos) {
      safeUntilNanos = nanos;
    }

    @Override
    public void output(SessionOutput output) {
      if (output instanceof SessionOutput.Complete complete) {
        complete((Call<?>) complete.handle(), complete.outcome());
      } else if (output instanceof SessionOutput.Notify notify) {
        WatchTarget target = (WatchTarget) notify.notice().listener();
        dispatcher.execute(target, () -> target.tell(notify.notice()));
      } else if (output instanceof SessionOutput.SessionBegan began) {
        sessionId = began.sessionId();
        grantedTimeout = Duration.ofMillis(began.timeoutMillis());
      } else if (output instanceof SessionOutput.SessionEnded ended) {
        meters.sessionLost();
        lossListeners.tell(new SessionLoss(ended.sessionId(), ended.reason()), dispatcher::execute);
      } else if (output instanceof SessionOutput.StateChanged changed) {
        stateChanged(changed);
      } else if (output instanceof SessionOutput.Closed) {
        meters.close();
        driver.shutDown();
        closed.countDown();
      }
    }

    private void complete(Call<?> call, SessionOutput.Outcome outcome) {
      meters.ended(call.operation, call.outcomeName(outcome), clock.getAsLong() - call.begunNanos);
      dispatcher.execute(call, () -> call.complete(outcome, settings.requestTimeout()));
    }

    private void stateChanged(SessionOutput.StateChanged changed) {
      ConnectionState to =
          switch (changed.to()) {
            case CONNECTED -> ConnectionState.CONNECTED;
            case SUSPENDED -> ConnectionState.SUSPENDED;
            case LOST -> ConnectionState.LOST;
          };
      LOG.debug("{}: {} -> {}: {}", clientName(), changed.from(), to, changed.cause());
      state = to;
      if (to == ConnectionState.CONNECTED) {
        meters.connected();
      }
      stateListeners.tell(to, dispatcher::execute);
    }

    @Override
    public void batchEnded() {
      if (overtakingScheduled.compareAndSet(false, true)) {
        lookForSlowCallbacks();
      }
    }

    /** As long as callbacks run, lets those behind a slow one go on. */
    private void lookForSlowCallbacks() {
      if (dispatcher.overtakeSlow()) {
        Duration pause = Duration.ofNanos(CallbackDispatcher.SLOW_NANOS);
        driver.schedule(pause, this::lookForSlowCallbacks);
      } else {
        overtakingScheduled.set(false);
      }
    }
  }

  /** The client's own clock, dice and executor. */
  private final class Scheduler implements ClientScheduler {
    private final Executor shared = newSerialExecutor();

    @Override
    public long nanoTime() {
      return clock.getAsLong();
    }

    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }

    @Override
    public Executor executor() {
      return shared;
    }

    @Override
    public Executor newSerialExecutor() {
      return new Executor() {
        @Override
        public void execute(Runnable task) {
          dispatcher.execute(this, task);
        }
      };
    }

    @Override
    public Subscription schedule(Duration delay, Runnable task) {
      AtomicBoolean cancelled = new AtomicBoolean();
      Runnable unlessCancelled =
          () -> {
            if (!cancelled.get()) {
              task.run();
            }
          };
      Runnable cancel = driver.schedule(delay, () -> shared.execute(unlessCancelled));
      return () -> {
        cancelled.set(true);
        cancel.run();
      };
    }

    @Override
    public boolean onCallbackThread() {
      return dispatcher.onCallbackThread();
    }
  }

  // ---- for tests
  // ---------------------------------------------------------------------------------

  /** See {@link ClientFreeze}. */
  Subscription freeze(Duration patience) throws InterruptedException {
    CountDownLatch thaw = new CountDownLatch(1);
    if (!driver.freeze(thaw, patience) || !dispatcher.freeze(patience)) {
      thaw.countDown();
      throw new IllegalStateException(
          "a callback of client '" + clientName() + "' still runs after " + patience);
    }
    return () -> {
      dispatcher.thaw();
      thaw.countDown();
    };
  }
}
