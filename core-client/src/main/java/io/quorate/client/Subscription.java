package io.quorate.client;

/** What a listener is unsubscribed by. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  /** No call begins afterwards; one that began may still be running. Idempotent. */
  @Override
  void close();
}
