package io.quorate.recipes.discovery;

import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one service, and which of them to use next.
 *
 * <p>Keeps a copy up to date by one watch, from its creation on; {@link #instances} and {@link
 * #pick} look at the copy and never wait. Any thread.
 */
public final class Discovery implements AutoCloseable {
  private final QuorateClient client;
  private final String service;
  private final DiscoveryOptions options;
  private final Endpoints endpoints;
  private final ServiceView view;

  /** Calls of the user's listeners, one at a time. */
  private final Executor callbacks;

  private final List<Consumer<? super Instances>> changeListeners = new CopyOnWriteArrayList<>();
  private final List<Consumer<? super InstanceProblem>> problemListeners =
      new CopyOnWriteArrayList<>();
  private final AtomicBoolean changeTold = new AtomicBoolean(true);
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private volatile boolean closed;

  /** What the listeners heard last; confined to the view's lane. */
  private @Nullable List<Instance> told;

  /** Made by {@code Recipes.discover}. */
  public Discovery(
      QuorateClient client, String service, Strategy strategy, DiscoveryOptions options) {
    this.client = Objects.requireNonNull(client, "client");
    this.service = Instance.requireName("name of a service", service);
    this.options = options;
    Duration bound = options.emptyAfter();
    Duration least = client.sessionTimeout().dividedBy(2);
    if (bound != null && bound.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          "emptyAfter must be at least half of the session timeout, %d ms; found %d ms"
              .formatted(least.toMillis(), bound.toMillis()));
    }
    this.callbacks = client.scheduler().newSerialExecutor();
    this.endpoints =
        new Endpoints(
            strategy,
            options.retireFor(),
            options.retireForMax(),
            client.scheduler()::nanoTime,
            client.scheduler()::nextLong);
    this.view =
        new ServiceView(
            client,
            ZnodePath.child(options.root(), service),
            options,
            this::onSnapshot,
            this::onProblem);
  }

  /** Begins to keep the copy; returns this. */
  public Discovery start() {
    view.begin();
    return this;
  }

  public String service() {
    return service;
  }

  /** Completes when the ensemble was read for the first time; fails if this is closed before. */
  public CompletableFuture<Void> loaded() {
    return loaded.copy();
  }

  /**
   * Waits for {@link #loaded}; whether it is. While no server answers it takes all of the time.
   *
   * @throws IllegalStateException on a callback thread of the client
   */
  public boolean awaitLoaded(Duration timeout) throws InterruptedException {
    return Waits.completes(client, loaded, timeout, "use loaded()");
  }

  /** What is known now; never waits, and says how old it is. */
  public Instances instances() {
    ServiceView.Snapshot now = view.snapshot();
    Duration age = view.age();
    Duration bound = options.emptyAfter();
    boolean withheld = now.loaded() && bound != null && age.compareTo(bound) > 0;
    List<Instance> list =
        withheld ? List.of() : now.known().stream().map(ServiceView.Known::instance).toList();
    return new Instances(list, now.zxid(), age, now.loaded(), withheld, now.problems());
  }

  /**
   * The instance to use next, as the strategy says; never waits. Of those that take work and don't
   * rest after a failure, one that is {@link Health#UP} if there is any; if all of them rest, the
   * one whose rest ends first.
   *
   * @throws NoInstanceException if there is none: none takes work, nothing was loaded yet, or what
   *     was is too old
   */
  public Pick pick() {
    if (closed) {
      throw new NoInstanceException(service, "the handle is closed");
    }
    ServiceView.Snapshot now = view.snapshot();
    if (!now.loaded()) {
      throw new NoInstanceException(
          service,
          "nothing was loaded yet, for %d ms; %s"
              .formatted(
                  view.age().toMillis(),
                  now.problems().isEmpty()
                      ? "the client is " + client.state()
                      : now.problems().get(0).cause().getMessage()));
    }
    Duration bound = options.emptyAfter();
    if (bound != null) {
      Duration age = view.age();
      if (age.compareTo(bound) > 0) {
        throw new NoInstanceException(
            service,
            "what is known is %d ms old, more than %d; the client is %s"
                .formatted(age.toMillis(), bound.toMillis(), client.state()));
      }
    }
    return endpoints.pick(service);
  }

  /** Ids of the instances that rest after failures of picks of this handle. */
  public List<String> resting() {
    return endpoints.resting();
  }

  /** Open picks of that instance by this handle. */
  public int outstanding(String id) {
    return endpoints.outstanding(id);
  }

  /**
   * Calls {@code listener} after the instances have changed; the first time that they are loaded is
   * a change. Several changes in a row are told as one: what is told is what {@link #instances}
   * says at the moment of the call.
   *
   * @return this
   */
  public Discovery onChange(Consumer<? super Instances> listener) {
    changeListeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /**
   * Calls {@code listener} with each new problem: an instance that can't be understood, a service
   * that can't be read.
   *
   * @return this
   */
  public Discovery onProblem(Consumer<? super InstanceProblem> listener) {
    problemListeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  /** On the view's lane. */
  private void onSnapshot(ServiceView.Snapshot snapshot) {
    endpoints.replace(snapshot.known());
    loaded.complete(null);
    List<Instance> list = instances().list();
    if (!list.equals(told)) {
      told = list;
      if (changeTold.getAndSet(false)) {
        callbacks.execute(this::tellChange);
      }
    }
  }

  private void tellChange() {
    changeTold.set(true);
    for (Consumer<? super Instances> listener : changeListeners) {
      callbacks.execute(
          () -> {
            if (!closed) {
              listener.accept(instances());
            }
          });
    }
  }

  /** On the view's lane. */
  private void onProblem(InstanceProblem problem) {
    for (Consumer<? super InstanceProblem> listener : problemListeners) {
      callbacks.execute(
          () -> {
            if (!closed) {
              listener.accept(problem);
            }
          });
    }
  }

  /** Names of the services below {@code root} that have an instance, in order. */
  public static CompletableFuture<List<String>> services(QuorateClient client, String root) {
    return ServiceNames.read(client, root);
  }

  /** Ends the copy and its watch. Open picks stay valid. */
  @Override
  public void close() {
    closed = true;
    loaded.completeExceptionally(
        new NoInstanceException(service, "the handle was closed before anything was loaded"));
    view.lane().execute(view::close);
  }

  @Override
  public String toString() {
    return "Discovery(" + service + ", " + (closed ? "closed" : instances().list().size()) + ")";
  }
}
