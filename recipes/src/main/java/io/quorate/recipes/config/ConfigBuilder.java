package io.quorate.recipes.config;

import io.quorate.client.QuorateClient;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Codec;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a {@link Config} is to be. Confined to its caller. */
public final class ConfigBuilder<T> {
  /** Most versions kept beside the value. */
  public static final int HISTORY_MAX = 1000;

  private static final Duration RECHECK = Duration.ofSeconds(30);

  final QuorateClient client;
  final String path;
  final Codec<T> codec;
  @Nullable T initial;
  Consumer<? super T> check = value -> {};
  int history;
  Duration recheck = RECHECK;

  /** Made by {@code Recipes.config}. */
  public ConfigBuilder(QuorateClient client, String path, Codec<T> codec) {
    this.client = Objects.requireNonNull(client, "client");
    this.codec = Objects.requireNonNull(codec, "codec");
    this.path = validPath(path, "config");
  }

  static String validPath(String path, String what) {
    String problem =
        path.equals(ZnodePath.ROOT) ? "the root can't be one" : ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("path of a %s: %s: '%s'".formatted(what, problem, path));
    }
    return path;
  }

  /** The value until a good one is read; not written. Not checked. */
  public ConfigBuilder<T> initially(T value) {
    this.initial = Objects.requireNonNull(value, "value");
    return this;
  }

  /**
   * What a value must be: {@code check} throws if it is not. Applied to what is read, and to what
   * is written before it is.
   */
  public ConfigBuilder<T> validate(Consumer<? super T> check) {
    this.check = Objects.requireNonNull(check, "check");
    return this;
  }

  /**
   * Keeps what each write through a handle like this replaces, for {@link Config#rollBackTo}. The
   * value and the one it replaces travel in one request, so both together have at most 1 MiB.
   *
   * @param versions so many, 0 (none, as without this call) to {@link #HISTORY_MAX}
   */
  public ConfigBuilder<T> history(int versions) {
    if (versions < 0 || versions > HISTORY_MAX) {
      throw new IllegalArgumentException(
          "a history has 0 to " + HISTORY_MAX + " versions, found " + versions);
    }
    this.history = versions;
    return this;
  }

  /**
   * How often the znode is read although nothing happened: a permission that was taken away is
   * noticed this late. With jitter; 30 seconds if not given.
   */
  public ConfigBuilder<T> recheckEvery(Duration interval) {
    this.recheck = validInterval(interval);
    return this;
  }

  static Duration validInterval(Duration interval) {
    if (interval.isZero() || interval.isNegative()) {
      throw new IllegalArgumentException("an interval is above zero, found " + interval);
    }
    return interval;
  }

  /** Begins to follow the znode; never waits, and needs no server yet. */
  public Config<T> start() {
    Config<T> config = new Config<>(this);
    config.begin();
    return config;
  }
}
