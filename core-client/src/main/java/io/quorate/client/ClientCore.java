package io.quorate.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.quorate.client.connection.SessionDriver;
import io.quorate.client.dispatch.CallbackDispatcher;
import io.quorate.client.session.SessionConfig;
import io.quorate.client.session.SessionInput;
import io.quorate.client.session.SessionOutput;
import io.quorate.client.session.SessionRequest;
import io.quorate.data.CreateMode;
import io.quorate.data.Credential;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

/** What a client and its views share: the session, the callbacks, the listeners, the clock. */
final class ClientCore {
  private static final Logger LOG = LoggerFactory.getLogger(ClientCore.class);

  /** What close waits beyond the time that the session has, for callbacks to end. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(1);

  /** What the builder was told, checked. */
  record Settings(
      List<String> servers,
      String namespace,
      Duration sessionTimeout,
      Duration requestTimeout,
      String clientName,
      List<Credential> credentials,
      Consumer<AuthFailedException> credentialRefused,
      @Nullable MeterRegistry meters,
      @Nullable Executor executor) {}

  final Settings settings;
  final Paths paths;
  final LongSupplier clock;
  final Listeners<ConnectionState> stateListeners = new Listeners<>();
  final Listeners<SessionLoss> lossListeners = new Listeners<>();
  final AtomicLong watchIds = new AtomicLong();
  final ClientScheduler scheduler = new Scheduler();

  /** The one given, or one without any registry behind it, which keeps nothing. */
  final MeterRegistry registry;

  private final CallbackDispatcher dispatcher;
  private final SessionDriver driver;
  private final ClientMeters meters;
  private final AtomicBoolean overtakingScheduled = new AtomicBoolean();
  private final AtomicBoolean closeBegun = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  // Written by the I/O thread.
  private volatile ConnectionState state = ConnectionState.SUSPENDED;
  private volatile long sessionId;
  private volatile long safeUntilNanos = Long.MIN_VALUE / 2;
  private volatile Duration sessionTimeout;

  ClientCore(Settings settings) {
    this.settings = settings;
    this.paths = new Paths(settings.namespace());
    this.sessionTimeout = settings.sessionTimeout();
    long origin = System.nanoTime();
    this.clock = () -> System.nanoTime() - origin;
    MeterRegistry given = settings.meters();
    this.registry = given == null ? new CompositeMeterRegistry() : given;
    this.meters =
        new ClientMeters(
            settings.meters(),
            settings.clientName(),
            () -> state,
            () -> Math.max(0, safeUntilNanos - clock.getAsLong()));
    this.dispatcher =
        new CallbackDispatcher(
            settings.executor(), clock, "quorate-callbacks", meters::callbackRan);
    this.driver =
        new SessionDriver(
            SessionConfig.of(
                    settings.servers(), settings.sessionTimeout().toMillis(), settings.clientName())
                .withCredentials(settings.credentials()),
            clock,
            () -> ThreadLocalRandom.current().nextLong(),
            new Outputs(),
            "quorate-client");
  }

  void start() {
    driver.start();
    createNamespace();
  }

  ConnectionState state() {
    return state;
  }

  long sessionId() {
    return sessionId;
  }

  Deadline safeUntil() {
    return Deadline.at(safeUntilNanos, clock);
  }

  /** As granted, or as wished before the first session. */
  Duration sessionTimeout() {
    return sessionTimeout;
  }

  /**
   * Hands a request to the session.
   *
   * @param deadlineNanos when the caller gives up, see {@link SessionInput.Submit}
   */
  <T> CompletableFuture<T> submit(Call<T> call, SessionRequest request, long deadlineNanos) {
    meters.begun();
    if (!driver.submit(new SessionInput.Submit(call, request, deadlineNanos))) {
      // The I/O thread has ended, or is about to: it may be that nobody else completes the call.
      complete(
          call, new SessionOutput.Unanswered(SessionOutput.Reason.CLOSED, "the client is closed"));
    }
    return call.future;
  }

  private void complete(Call<?> call, SessionOutput.Outcome outcome) {
    meters.ended(call.operation, call.outcomeName(outcome), clock.getAsLong() - call.begunNanos);
    dispatcher.execute(call, bytesOf(outcome), () -> call.complete(outcome));
  }

  /** About what an outcome keeps alive: whatever in it may be large. */
  private static long bytesOf(SessionOutput.Outcome outcome) {
    return outcome instanceof SessionOutput.Answered answered ? bytesOf(answered.result()) : 0;
  }

  private static long bytesOf(OpResult result) {
    if (result instanceof OpResult.Data read) {
      byte[] data = read.data();
      return data == null ? 0 : data.length;
    }
    if (result instanceof OpResult.ChildNames children) {
      return (long) children.names().size() * CallbackDispatcher.TASK_BYTES;
    }
    if (result instanceof OpResult.MultiDone multi) {
      long bytes = 0;
      for (OpResult each : multi.results()) {
        bytes += CallbackDispatcher.TASK_BYTES + bytesOf(each);
      }
      return bytes;
    }
    return 0;
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
        new Call<>(
            "create",
            serverPath,
            List.of(),
            clock.getAsLong(),
            settings.requestTimeout(),
            Readings::created);
    var unused =
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

  void close() {
    if (closeBegun.compareAndSet(false, true)) {
      long deadline = Deadline.after(settings.requestTimeout(), clock).nanoTime();
      if (!driver.submit(new SessionInput.Close(deadline))) {
        closed.countDown();
      }
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

  // ---- outputs ----------------------------------------------------------------------------------

  /** What the session machine says, on the I/O thread. */
  private final class Outputs implements SessionDriver.Sink {
    private final Set<Credential> warnedOf = new HashSet<>();

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
        meters.watchTold(notify.notice());
        dispatcher.execute(target, () -> target.tell(notify.notice()));
      } else if (output instanceof SessionOutput.SessionBegan began) {
        sessionId = began.sessionId();
        sessionTimeout = Duration.ofMillis(began.timeoutMillis());
      } else if (output instanceof SessionOutput.SessionEnded ended) {
        meters.sessionLost();
        lossListeners.tell(new SessionLoss(ended.sessionId(), ended.reason()), dispatcher::execute);
      } else if (output instanceof SessionOutput.StateChanged changed) {
        stateChanged(changed);
      } else if (output instanceof SessionOutput.CredentialRefused refused) {
        credentialRefused(refused);
      } else if (output instanceof SessionOutput.Closed) {
        meters.close();
        driver.shutDown();
        closed.countDown();
      }
    }

    private void credentialRefused(SessionOutput.CredentialRefused refused) {
      String told =
          "%s is refused with %s: client %s goes on without its identity"
              .formatted(refused.credential(), refused.code(), settings.clientName());
      if (warnedOf.add(refused.credential())) {
        LOG.warn(told);
      }
      AuthFailedException failure = new AuthFailedException(told, refused.credential().scheme());
      Consumer<AuthFailedException> listener = settings.credentialRefused();
      dispatcher.execute(listener, () -> listener.accept(failure));
    }

    private void stateChanged(SessionOutput.StateChanged changed) {
      ConnectionState to =
          switch (changed.to()) {
            case CONNECTED -> ConnectionState.CONNECTED;
            case SUSPENDED -> ConnectionState.SUSPENDED;
            case LOST -> ConnectionState.LOST;
          };
      LOG.debug("{}: {} -> {}: {}", settings.clientName(), changed.from(), to, changed.cause());
      state = to;
      if (to == ConnectionState.CONNECTED) {
        meters.connected();
      }
      stateListeners.tell(to, dispatcher::execute);
    }

    @Override
    public boolean wantsMore() {
      return !dispatcher.isFull();
    }

    @Override
    public void batchEnded() {
      if (overtakingScheduled.compareAndSet(false, true)) {
        lookForSlowCallbacks();
      }
    }

    /** As long as callbacks run, lets those behind a slow one go on. */
    private void lookForSlowCallbacks() {
      driver.readIfWanted();
      if (dispatcher.overtakeSlow() || dispatcher.isFull()) {
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

  // ---- for tests --------------------------------------------------------------------------------

  /** See {@link ClientFreeze}. */
  Subscription freeze(Duration patience) throws InterruptedException {
    CountDownLatch thaw = new CountDownLatch(1);
    if (!driver.freeze(thaw, patience) || !dispatcher.freeze(patience)) {
      thaw.countDown();
      throw new IllegalStateException(
          "a callback of client '" + settings.clientName() + "' still runs after " + patience);
    }
    return () -> {
      dispatcher.thaw();
      thaw.countDown();
    };
  }
}
