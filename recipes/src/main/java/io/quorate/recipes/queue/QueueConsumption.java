package io.quorate.recipes.queue;

import io.quorate.client.GrantLostException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.recipes.base.Settled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Workers that take items and hand them to a handler. Confined to the lane, but for handlers. */
final class QueueConsumption<T> implements Consumption {

  private final QueueCore core;
  private final Dispatcher<T> dispatcher;
  private final Executor executor;
  private final ItemHandler<? super T> handler;
  private final Consumer<QueueConsumption<T>> whenClosed;
  private final List<Worker> workers = new ArrayList<>();
  private final AtomicInteger running = new AtomicInteger();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private boolean closing;
  private int busy;

  QueueConsumption(
      QueueCore core,
      Dispatcher<T> dispatcher,
      int count,
      Executor executor,
      ItemHandler<? super T> handler,
      Consumer<QueueConsumption<T>> whenClosed) {
    this.core = core;
    this.dispatcher = dispatcher;
    this.executor = executor;
    this.handler = handler;
    this.whenClosed = whenClosed;
    for (int i = 0; i < count; i++) {
      workers.add(new Worker());
    }
  }

  void begin() {
    workers.forEach(Worker::next);
  }

  private final class Worker implements Dispatcher.Taker<T> {
    private int failures;
    private @Nullable Subscription pause;

    void next() {
      if (!closing) {
        dispatcher.want(this);
      }
    }

    private void nextAfterPause() {
      if (!closing) {
        pause = core.after(core.pause(failures++), this::next);
      }
    }

    @Override
    public boolean offer(ClaimedItem<T> item) {
      if (closing) {
        return false;
      }
      busy++;
      try {
        executor.execute(() -> run(item));
      } catch (RejectedExecutionException e) {
        busy--;
        core.problem("the executor of a consumption refuses work", e);
        CompletableFuture<Void> returned = item.releaseAsync();
        assert returned != null;
        nextAfterPause();
      }
      return true;
    }

    @Override
    public void fail(Throwable failure) {
      nextAfterPause();
    }

    @Override
    public boolean nothingThere() {
      return false;
    }

    private void run(ClaimedItem<T> item) {
      running.incrementAndGet();
      CompletableFuture<Void> settled;
      try {
        handle(item);
        settled = item.ack();
      } catch (InterruptedException e) {
        settled = item.retry("interrupted");
        Thread.currentThread().interrupt();
      } catch (Throwable e) { // thread top: code of the user, whose failure is about one item
        settled = item.retry(e.toString());
      } finally {
        running.decrementAndGet();
      }
      Settled.then(
          settled,
          core.lane,
          done -> onSettled(),
          failure -> {
            if (!(failure instanceof GrantLostException) && !QueueCore.isSessionEnd(failure)) {
              core.problem("what became of item " + item.id() + " was not noted", failure);
            }
            onSettled();
          });
    }

    private void handle(ClaimedItem<T> item) throws Exception {
      // A handler for a supertype reads what it is given, and an item only gives.
      @SuppressWarnings("unchecked")
      ItemHandler<T> narrowed = (ItemHandler<T>) handler;
      narrowed.handle(item);
    }

    private void onSettled() {
      busy--;
      failures = 0;
      next();
      endIfIdle();
    }

    void stop() {
      dispatcher.forget(this);
      if (pause != null) {
        pause.close();
      }
    }
  }

  private void endIfIdle() {
    if (closing && busy == 0) {
      whenClosed.accept(this);
      core.callbacks.execute(() -> ended.complete(null));
    }
  }

  @Override
  public int running() {
    return running.get();
  }

  @Override
  public CompletableFuture<Void> closeAsync() {
    core.lane.execute(
        () -> {
          closing = true;
          workers.forEach(Worker::stop);
          endIfIdle();
        });
    return ended.copy();
  }

  @Override
  public void close() {
    await(core.client, closeAsync());
  }

  /** Waits for the request timeout at the most, and on a callback thread not at all. */
  static void await(QuorateClient client, CompletableFuture<Void> done) {
    if (client.scheduler().onCallbackThread()) {
      return;
    }
    try {
      done.get(client.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException | ExecutionException e) {
      // It goes on in the background.
      return;
    }
  }
}
