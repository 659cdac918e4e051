package io.quorate.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Who wants to hear of one kind of thing.
 *
 * @param <T> what they hear
 */
final class Listeners<T> {
  /** One registration; two of the same consumer are two. */
  static final class Registered<T> {
    private final Consumer<T> consumer;
    private volatile boolean closed;

    Registered(Consumer<T> consumer) {
      this.consumer = consumer;
    }

    void tell(T what) {
      if (!closed) {
        consumer.accept(what);
      }
    }

    @Override
    public String toString() {
      return "listener " + consumer;
    }
  }

  private final List<Registered<T>> all = new CopyOnWriteArrayList<>();

  Subscription add(Consumer<T> consumer) {
    Registered<T> registered = new Registered<>(consumer);
    all.add(registered);
    return () -> {
      registered.closed = true;
      all.remove(registered);
    };
  }

  /** Hands a task for each to {@code dispatch}, with the registration as its lane. */
  void tell(T what, BiConsumer<Object, Runnable> dispatch) {
    for (Registered<T> registered : all) {
      dispatch.accept(registered, () -> registered.tell(what));
    }
  }
}
