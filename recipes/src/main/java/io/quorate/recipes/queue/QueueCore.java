package io.quorate.recipes.queue;

import io.quorate.client.MultiResult;
import io.quorate.client.NoNodeException;
import io.quorate.client.Op;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.SessionLostException;
import io.quorate.client.Subscription;
import io.quorate.recipes.base.Parents;
import io.quorate.recipes.base.Pause;
import io.quorate.recipes.base.Settled;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the parts of one handle share. Thread-safe. */
final class QueueCore {
  private static final Logger LOG = LoggerFactory.getLogger(QueueCore.class);

  /** Longer than any session lives without contact, so that a session's end always comes first. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private static final Duration PAUSE_MIN = Duration.ofMillis(50);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  /** An expiry is no shorter. */
  private static final Duration PAUSE_LEAST = Duration.ofMillis(1);

  final QuorateClient client;

  /** The same session without a deadline of its own: each write settles. */
  final QuorateClient patient;

  /** The handle's state is confined to it. */
  final Executor lane;

  /** Where code of the user runs that is handed no executor: never on the lane. */
  final Executor callbacks;

  final QueuePaths paths;
  final QueueOptions options;
  final QueueMeters meters;
  private final String idPrefix;
  private final AtomicLong ids = new AtomicLong();
  private final List<Consumer<Throwable>> problemListeners = new CopyOnWriteArrayList<>();

  private volatile Runnable whenClientClosed = () -> {};

  QueueCore(QuorateClient client, String path, QueueOptions options) {
    this.client = client;
    this.patient = client.withRequestTimeout(PATIENCE);
    this.lane = client.scheduler().newSerialExecutor();
    this.callbacks = client.scheduler().newSerialExecutor();
    this.paths = new QueuePaths(path);
    this.options = options;
    this.meters = new QueueMeters(client.meters());
    this.idPrefix = String.format(Locale.ROOT, "%016x", client.scheduler().nextLong());
  }

  /** Of no other item anywhere; those of one handle sort in the order in which they were made. */
  String newId() {
    return idPrefix + String.format(Locale.ROOT, "%016x", ids.incrementAndGet());
  }

  long nanoTime() {
    return client.scheduler().nanoTime();
  }

  Subscription after(Duration delay, Runnable task) {
    return client.scheduler().schedule(delay, () -> lane.execute(task));
  }

  /** Pause before try {@code failures + 1}: exponential, capped, jittered by half. */
  Duration pause(int failures) {
    return pause(PAUSE_MIN, PAUSE_MAX, failures);
  }

  Duration pause(Duration first, Duration longest, int failures) {
    Duration next = Pause.after(failures, first, longest, client.scheduler()::nextLong);
    return next.compareTo(PAUSE_LEAST) < 0 ? PAUSE_LEAST : next;
  }

  /** Creates the folders of the queue that are missing. */
  CompletableFuture<@Nullable Void> ensureFolders() {
    CompletableFuture<@Nullable Void> all = Parents.create(client, paths.root());
    for (String folder : paths.folders()) {
      all = all.thenCompose(done -> Parents.create(client, folder));
    }
    return all;
  }

  /** Also those of a priority. */
  CompletableFuture<@Nullable Void> ensureFolders(int priority) {
    return ensureFolders().thenCompose(done -> Parents.create(client, paths.front(priority)));
  }

  /** Carries the multi out; if a folder is missing, creates the folders and tries once more. */
  CompletableFuture<MultiResult> multi(int priority, List<Op> ops) {
    return multi(patient, priority, ops);
  }

  /** As above, with the deadline of {@code with}. */
  CompletableFuture<MultiResult> multi(QuorateClient with, int priority, List<Op> ops) {
    return with.multi(ops)
        .<CompletionStage<MultiResult>>handle(
            (result, failure) -> {
              if (failure == null) {
                return CompletableFuture.completedFuture(result);
              }
              Throwable cause = Settled.unwrap(failure);
              if (cause instanceof NoNodeException) {
                return ensureFolders(priority).thenCompose(done -> with.multi(ops));
              }
              return CompletableFuture.failedFuture(cause);
            })
        .thenCompose(stage -> stage);
  }

  static boolean isSessionEnd(Throwable failure) {
    return failure instanceof SessionLostException || failure instanceof OutcomeUnknownException;
  }

  /** What to do when the client turns out to be closed. */
  void whenClientClosed(Runnable action) {
    whenClientClosed = action;
  }

  void clientClosed() {
    whenClientClosed.run();
  }

  void onProblem(Consumer<Throwable> listener) {
    problemListeners.add(listener);
  }

  void problem(String what, Throwable failure) {
    LOG.warn("Queue {}: {}: {}", paths.root(), what, failure.toString());
    for (Consumer<Throwable> listener : problemListeners) {
      callbacks.execute(() -> listener.accept(failure));
    }
  }

  /** Completes a future of the user, whose reactions must not run on the lane. */
  <T> void complete(CompletableFuture<T> future, T value) {
    callbacks.execute(() -> future.complete(value));
  }

  void fail(CompletableFuture<?> future, Throwable failure) {
    callbacks.execute(() -> future.completeExceptionally(failure));
  }
}
