package io.quorate.recipes.config;

import io.quorate.client.OperationException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Znode;
import io.quorate.data.ZnodeStat;
import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.CodecException;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A typed value that lives in one znode and is kept current.
 *
 * <p>{@link #value()} is the last good value: what is absent, corrupt or invalid is told to {@link
 * #onProblem} and changes nothing. Values are seen in the order of their writes; of many in quick
 * succession some may be left out, never the last.
 *
 * <p>Any thread. Listeners run on the client's callback executor, each in an order of its own.
 */
public final class Config<T> implements AutoCloseable {
  /** For {@link #set(Object, long)}: the znode must not exist yet. */
  public static final long ABSENT = -1;

  /**
   * What is known.
   *
   * @param mzxid of the value; 0 for the initial one
   */
  private record State<T>(@Nullable T value, long mzxid, @Nullable ConfigProblem problem) {}

  private final QuorateClient client;
  private final String path;
  private final Codec<T> codec;
  private final Consumer<? super T> check;
  private final @Nullable T initial;
  private final int history;
  private final Executor lane;
  private final ZnodeFollower follower;
  private final CompletableFuture<Boolean> answered = new CompletableFuture<>();

  // ---- written on the lane
  private volatile State<T> state;
  private volatile boolean closed;
  private long syncs;

  // ---- of the lane
  private final List<Newest<State<T>>> changeListeners = new ArrayList<>();
  private final List<Newest<ConfigProblem>> problemListeners = new ArrayList<>();
  private final List<Newest<Long>> syncListeners = new ArrayList<>();

  Config(ConfigBuilder<T> builder) {
    client = builder.client;
    path = builder.path;
    codec = builder.codec;
    check = builder.check;
    initial = builder.initial;
    history = builder.history;
    state = new State<>(initial, 0, null);
    lane = client.scheduler().newSerialExecutor();
    follower = new ZnodeFollower(client, path, lane, builder.recheck, new Found());
  }

  void begin() {
    lane.execute(follower::begin);
  }

  public String path() {
    return path;
  }

  // ---- reading
  // -----------------------------------------------------------------------------------

  /**
   * The last good value, or the initial one; never waits.
   *
   * @throws ConfigUnavailableException if there is neither
   */
  public T value() {
    State<T> now = state;
    T value = now.value();
    if (value == null) {
      ConfigProblem problem = now.problem();
      throw new ConfigUnavailableException(
          "config "
              + path
              + " has no value yet: "
              + (problem == null
                  ? "no server answered; the client is " + client.state()
                  : problem.toString()),
          problem);
    }
    return value;
  }

  /** As {@link #value}, or the error if the proof is older than {@code limit}: fails closed. */
  public T valueNotOlderThan(Duration limit) {
    Duration age = age();
    if (age.compareTo(limit) > 0) {
      throw new ConfigUnavailableException(
          "config %s was last known to be current %d ms ago, asked for at most %d ms; the client is %s"
              .formatted(path, age.toMillis(), limit.toMillis(), client.state()),
          state.problem());
    }
    return value();
  }

  /**
   * Time since the last proof that nothing newer was written: below a ping's interval while
   * connected, and growing from the last contact on while cut off, also before the client knows
   * that it is. Bad data that was read counts as known: {@link #problem} tells it.
   */
  public Duration age() {
    return follower.freshness().age();
  }

  /** Zxid at which the present value was written; 0 for the initial one. */
  public long zxid() {
    return state.mzxid();
  }

  /** What is wrong at the moment, if something is. */
  public Optional<ConfigProblem> problem() {
    return Optional.ofNullable(state.problem());
  }

  /**
   * Waits until the ensemble has said for the first time what there is, and returns {@link #value}.
   *
   * @throws ConfigUnavailableException if nobody answered in time, or neither a good value nor an
   *     initial one is there
   * @throws IllegalStateException on a callback thread of the client
   */
  public T awaitLoaded(Duration timeout) throws InterruptedException {
    if (!Waits.completes(client, answered, timeout, "use onChange")) {
      throw new ConfigUnavailableException(
          "config %s was not read within %d ms; the client is %s"
              .formatted(path, timeout.toMillis(), client.state()),
          state.problem());
    }
    return value();
  }

  /**
   * Tells each newer good value; first the present one, if it was read already. Also tells an equal
   * value that was written anew, by a re-creation for instance.
   *
   * @return this
   */
  public Config<T> onChange(ConfigChange<? super T> listener) {
    lane.execute(
        () -> {
          Newest<State<T>> added =
              new Newest<>(
                  client.scheduler().newSerialExecutor(),
                  new State<>(initial, 0, null),
                  (was, now) -> tellChange(listener, was, now),
                  () -> closed);
          changeListeners.add(added);
          State<T> now = state;
          if (now.mzxid() != 0) {
            added.offer(now);
          }
        });
    return this;
  }

  private void tellChange(ConfigChange<? super T> listener, @Nullable State<T> was, State<T> now) {
    T value = now.value();
    if (value != null) {
      listener.onChange(was == null ? null : was.value(), value);
    }
  }

  /**
   * Tells each problem when it comes up; first the present one, if there is one.
   *
   * @return this
   */
  public Config<T> onProblem(Consumer<ConfigProblem> listener) {
    lane.execute(
        () -> {
          Newest<ConfigProblem> added =
              new Newest<>(
                  client.scheduler().newSerialExecutor(),
                  null,
                  (was, now) -> listener.accept(now),
                  () -> closed);
          problemListeners.add(added);
          ConfigProblem now = state.problem();
          if (now != null) {
            added.offer(now);
          }
        });
    return this;
  }

  /**
   * Tells when everything that was written while this handle could not hear has been read: after
   * the start, and after each interruption that may have hidden a change. The listeners of what was
   * read are called as well, in orders of their own.
   *
   * @return this
   */
  public Config<T> onSynced(Runnable listener) {
    lane.execute(
        () -> {
          Newest<Long> added =
              new Newest<>(
                  client.scheduler().newSerialExecutor(),
                  null,
                  (was, now) -> listener.run(),
                  () -> closed);
          syncListeners.add(added);
          if (syncs > 0) {
            added.offer(syncs);
          }
        });
    return this;
  }

  /** What the follower tells, on the lane. */
  private final class Found implements ZnodeFollower.Sink {
    @Override
    public void found(@Nullable Znode znode) {
      if (znode == null) {
        problem(ConfigProblem.Kind.ABSENT, 0, "no such znode", null);
      } else {
        read(znode);
      }
      var unused = answered.complete(Boolean.TRUE);
    }

    private void read(Znode znode) {
      long mzxid = znode.stat().mzxid();
      State<T> before = state;
      ConfigProblem known = before.problem();
      if (known == null ? before.mzxid() == mzxid : known.mzxid() == mzxid) {
        return;
      }
      T value;
      try {
        value = decoded(codec, znode);
      } catch (CodecException e) {
        problem(ConfigProblem.Kind.CORRUPT, mzxid, String.valueOf(e.getMessage()), e);
        return;
      }
      try {
        check.accept(value);
      } catch (RuntimeException e) { // thread top: code of the user, whose refusal is the answer
        problem(ConfigProblem.Kind.INVALID, mzxid, String.valueOf(e.getMessage()), e);
        return;
      }
      state = new State<>(value, mzxid, null);
      if (before.mzxid() != mzxid) {
        State<T> now = state;
        changeListeners.forEach(each -> each.offer(now));
      }
    }

    @Override
    public void refused(OperationException refusal) {
      problem(ConfigProblem.Kind.UNREADABLE, 0, String.valueOf(refusal.getMessage()), refusal);
    }

    private void problem(
        ConfigProblem.Kind kind, long mzxid, String reason, @Nullable Throwable cause) {
      State<T> before = state;
      ConfigProblem known = before.problem();
      if (known != null && known.kind() == kind && known.mzxid() == mzxid) {
        return;
      }
      ConfigProblem problem = new ConfigProblem(kind, path, mzxid, reason, cause);
      state = new State<>(before.value(), before.mzxid(), problem);
      problemListeners.forEach(each -> each.offer(problem));
    }

    @Override
    public void synced() {
      long number = ++syncs;
      syncListeners.forEach(each -> each.offer(number));
    }
  }

  static <T> T decoded(Codec<T> codec, Znode znode) {
    byte[] data = znode.data();
    return codec.decode(data == null ? new byte[0] : data);
  }

  // ---- writing
  // -----------------------------------------------------------------------------------

  /**
   * Replaces the value, whatever it is; creates the znode, and its parents, if need be.
   *
   * @return the new version
   */
  public CompletableFuture<Long> set(T value) {
    return write(current -> value, null);
  }

  /**
   * Replaces the value if it has that version, else fails with {@code BadVersionException}, {@code
   * NoNodeException} or {@code NodeExistsException}.
   *
   * @param expectedVersion as a write or {@link #version} answered, or {@link #ABSENT}
   * @return the new version
   */
  public CompletableFuture<Long> set(T value, long expectedVersion) {
    return write(current -> value, expectedVersion);
  }

  /**
   * Makes a new value of the present one, and writes it if nobody wrote in between; otherwise again
   * with the newer one, until it fits or the client's request timeout is over. If there is no znode
   * yet it begins with the initial value. {@code change} may run several times, on a callback
   * thread; what it throws, and what the check given to the builder throws, ends the attempt.
   *
   * @return the new version
   */
  public CompletableFuture<Long> update(UnaryOperator<T> change) {
    return write(
        current -> {
          T begin = current == null ? initial : decoded(codec, current);
          if (begin == null) {
            throw new ConfigUnavailableException(
                "config " + path + " can't be updated: no such znode, and no initial value", null);
          }
          return change.apply(begin);
        },
        null);
  }

  /**
   * Writes what that version was, as a new version. Fails with {@link UnknownVersionException} if
   * it is not in the history of this life of the znode (one that was deleted and created again
   * begins anew).
   *
   * @return the new version
   */
  public CompletableFuture<Long> rollBackTo(long version) {
    return new ConfigHistory(client, path)
        .read(version)
        .thenCompose(old -> write(current -> decoded(codec, old), null));
  }

  /** The versions that {@link #rollBackTo} knows at the moment, oldest first. */
  public CompletableFuture<List<Long>> versions() {
    return new ConfigHistory(client, path).versions();
  }

  /**
   * The version of the znode at the moment, {@link #ABSENT} if there is none; asks the ensemble.
   */
  public CompletableFuture<Long> version() {
    return client
        .exists(path)
        .thenApply(stat -> stat.map(ZnodeStat::version).map(Integer::longValue).orElse(ABSENT));
  }

  private CompletableFuture<Long> write(ConfigWrite.Change<T> change, @Nullable Long expected) {
    ConfigWrite<T> write =
        new ConfigWrite<>(
            client, path, lane, history, expected, current -> encoded(change.apply(current)));
    return write.begin(follower::wrote);
  }

  private byte[] encoded(T value) {
    check.accept(value);
    return codec.encode(value);
  }

  /** Ends the following; no listener is called any more. The last value stays readable. */
  @Override
  public void close() {
    closed = true;
    var unused =
        answered.completeExceptionally(
            new ConfigUnavailableException("config " + path + " was closed", null));
    lane.execute(follower::end);
  }

  @Override
  public String toString() {
    return "Config(" + path + ")";
  }
}
