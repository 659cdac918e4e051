package io.quorate.recipes.lock;

import io.quorate.client.QuorateException;

/** The thread holds as many grants of a lock, one within the other, as it may; it keeps them. */
public final class ReentrancyLimitException extends QuorateException {
  private static final long serialVersionUID = 1L;

  ReentrancyLimitException(String path, int limit) {
    super(
        "lock "
            + path
            + " may be held "
            + limit
            + " times by one thread, and this one holds it so often already");
  }
}
