package io.quorate.recipes.lock;

import io.quorate.client.QuorateException;

/**
 * A thread asked for a write lock while it holds the read lock. It would wait for itself: two
 * readers that both wanted to become writers could never be served. Release the read lock, acquire
 * the write lock and look again at what was read.
 */
public final class UpgradeRefusedException extends QuorateException {
  private static final long serialVersionUID = 1L;

  UpgradeRefusedException(String path) {
    super(
        "this thread holds a read lock of "
            + path
            + " and asked for the write lock, for which it would wait for itself: release the read"
            + " lock first");
  }
}
