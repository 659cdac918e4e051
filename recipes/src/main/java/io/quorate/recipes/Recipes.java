package io.quorate.recipes;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.lock.DistributedLock;

/**
 * Makes recipes on one client. Holds no state and needs no closing: what it makes uses the client's
 * session, threads and clock, and ends with the client at the latest. Any thread.
 */
public final class Recipes {
  private final QuorateClient client;

  private Recipes(QuorateClient client) {
    this.client = client;
  }

  public static Recipes on(QuorateClient client) {
    return new Recipes(client);
  }

  /**
   * The lock that {@code path} stands for. Everybody who names the same path competes for it; the
   * znode at the path and its missing parents are created when first needed.
   */
  public DistributedLock lock(String path) {
    return new DistributedLock(client, path);
  }
}
