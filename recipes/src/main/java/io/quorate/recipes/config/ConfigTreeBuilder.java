package io.quorate.recipes.config;

import io.quorate.client.QuorateClient;
import java.time.Duration;
import java.util.Objects;

/** What a {@link ConfigTree} is to be. Confined to its caller. */
public final class ConfigTreeBuilder {
  private static final Duration RECHECK = Duration.ofMinutes(2);

  final QuorateClient client;
  final String path;
  Duration recheck = RECHECK;

  /** Made by {@code Recipes.configTree}. */
  public ConfigTreeBuilder(QuorateClient client, String path) {
    this.client = Objects.requireNonNull(client, "client");
    this.path = ConfigBuilder.validPath(path, "config tree");
  }

  /**
   * How often everything is read although nothing happened: a permission that was taken away is
   * noticed this late. With jitter; 2 minutes if not given.
   */
  public ConfigTreeBuilder recheckEvery(Duration interval) {
    this.recheck = ConfigBuilder.validInterval(interval);
    return this;
  }

  /** Begins to follow the subtree; never waits, and needs no server yet. */
  public ConfigTree start() {
    ConfigTree tree = new ConfigTree(this);
    tree.begin();
    return tree;
  }
}
