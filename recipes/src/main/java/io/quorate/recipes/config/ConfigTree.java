package io.quorate.recipes.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.client.OperationException;
import io.quorate.client.QuorateClient;
import io.quorate.client.Subscription;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Waits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Several keys that are kept current together: what is seen is always all of the subtree as of one
 * zxid, so two keys that were written in one multi are never seen half-changed.
 *
 * <p>A key is the path of a znode below the root of the tree, such as {@code db/url}, its value the
 * data as text in UTF-8. A znode that has children and no data is a folder and no key. Names that
 * begin with a dot are left out. Pictures come in zxid order; of several in quick succession some
 * may be left out, never the last. All of the subtree is held in memory.
 *
 * <p>Any thread. Listeners run on the client's callback executor, each in an order of its own.
 */
public final class ConfigTree implements AutoCloseable {
  private final QuorateClient client;
  private final String path;
  private final Executor lane;
  private final TreeReader reader;
  private final CompletableFuture<Boolean> answered = new CompletableFuture<>();

  // ---- written on the lane
  private volatile @Nullable ConfigPicture picture;
  private volatile @Nullable ConfigProblem problem;
  private volatile boolean closed;
  private long syncs;

  // ---- of the lane
  private final List<Newest<ConfigPicture>> changeListeners = new ArrayList<>();
  private final List<Newest<ConfigProblem>> problemListeners = new ArrayList<>();
  private final List<Newest<Long>> syncListeners = new ArrayList<>();
  private final List<Awaited> awaited = new ArrayList<>();

  /** A write that is complete once a picture shows it. */
  private record Awaited(long zxid, CompletableFuture<Long> shown) {}

  ConfigTree(ConfigTreeBuilder builder) {
    client = builder.client;
    path = builder.path;
    lane = client.scheduler().newSerialExecutor();
    reader = new TreeReader(client, path, lane, builder.recheck, new Seen());
  }

  void begin() {
    lane.execute(reader::begin);
  }

  public String path() {
    return path;
  }

  // ---- reading
  // -----------------------------------------------------------------------------------

  /**
   * All keys as of one zxid; never waits. A root that does not exist is a picture without keys.
   *
   * @throws ConfigUnavailableException if nothing was read yet
   */
  public ConfigPicture picture() {
    ConfigPicture now = picture;
    if (now == null) {
      throw new ConfigUnavailableException(
          "config tree " + path + " was not read yet; the client is " + client.state(), problem);
    }
    return now;
  }

  /** See {@link ConfigPicture#value}. */
  public Optional<String> value(String key) {
    return picture().value(key);
  }

  /** See {@link ConfigPicture#properties}. */
  public Properties properties() {
    return picture().properties();
  }

  /** See {@link ConfigPicture#bind}. */
  public <R extends Record> R bind(Class<R> type) {
    return picture().bind(type);
  }

  /** As {@link Config#age}. */
  public Duration age() {
    return reader.freshness().age();
  }

  /** What was wrong when it was last read, if something was. */
  public Optional<ConfigProblem> problem() {
    return Optional.ofNullable(problem);
  }

  /**
   * Waits until all was read once, and returns the picture.
   *
   * @throws ConfigUnavailableException if that took too long
   * @throws IllegalStateException on a callback thread of the client
   */
  public ConfigPicture awaitLoaded(Duration timeout) throws InterruptedException {
    if (!Waits.completes(client, answered, timeout, "use onChange")) {
      throw new ConfigUnavailableException(
          "config tree %s was not read within %d ms; the client is %s"
              .formatted(path, timeout.toMillis(), client.state()),
          problem);
    }
    return picture();
  }

  /**
   * Tells each newer picture in which a znode is another; first the present one, if there is one
   * already.
   *
   * @return this
   */
  public ConfigTree onChange(ConfigChange<? super ConfigPicture> listener) {
    lane.execute(
        () -> {
          Newest<ConfigPicture> added =
              new Newest<>(
                  client.scheduler().newSerialExecutor(),
                  null,
                  (was, now) -> listener.onChange(was, now),
                  () -> closed);
          changeListeners.add(added);
          ConfigPicture now = picture;
          if (now != null) {
            added.offer(now);
          }
        });
    return this;
  }

  /**
   * Tells when the root is absent, or the ensemble refuses to show a key, whose last value stays.
   *
   * @return this
   */
  public ConfigTree onProblem(Consumer<ConfigProblem> listener) {
    lane.execute(
        () -> {
          Newest<ConfigProblem> added =
              new Newest<>(
                  client.scheduler().newSerialExecutor(),
                  null,
                  (was, now) -> listener.accept(now),
                  () -> closed);
          problemListeners.add(added);
          ConfigProblem now = problem;
          if (now != null) {
            added.offer(now);
          }
        });
    return this;
  }

  /**
   * As {@link Config#onSynced}.
   *
   * @return this
   */
  public ConfigTree onSynced(Runnable listener) {
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

  /** What the reader tells, on the lane. */
  private final class Seen implements TreeReader.Sink {
    @Override
    public void picture(
        long zxid, SortedMap<String, Znode> znodes, boolean changed, boolean whole) {
      ConfigPicture before = picture;
      ConfigPicture now =
          new ConfigPicture(zxid, changed || before == null ? values(znodes) : before.values());
      picture = now;
      if (whole && !znodes.containsKey(path)) {
        tell(new ConfigProblem(ConfigProblem.Kind.ABSENT, path, 0, "no such znode", null));
      } else if (whole) {
        problem = null;
      }
      if (changed || before == null) {
        changeListeners.forEach(each -> each.offer(now));
      }
      for (Iterator<Awaited> each = awaited.iterator(); each.hasNext(); ) {
        Awaited write = each.next();
        if (write.zxid() <= zxid) {
          each.remove();
          write.shown().complete(write.zxid());
        }
      }
      var unused = answered.complete(Boolean.TRUE);
    }

    @Override
    public void refused(String where, OperationException refusal) {
      tell(
          new ConfigProblem(
              ConfigProblem.Kind.UNREADABLE,
              where,
              0,
              String.valueOf(refusal.getMessage()),
              refusal));
    }

    private void tell(ConfigProblem now) {
      ConfigProblem before = problem;
      problem = now;
      if (before == null || before.kind() != now.kind() || !before.path().equals(now.path())) {
        problemListeners.forEach(each -> each.offer(now));
      }
    }

    @Override
    public void synced() {
      long number = ++syncs;
      syncListeners.forEach(each -> each.offer(number));
    }
  }

  private SortedMap<String, String> values(SortedMap<String, Znode> znodes) {
    SortedMap<String, String> values = new TreeMap<>();
    for (Map.Entry<String, Znode> entry : znodes.entrySet()) {
      String below = entry.getKey();
      byte[] data = entry.getValue().data();
      boolean empty = data == null || data.length == 0;
      if (!below.equals(path) && !(empty && hasChildren(below, znodes))) {
        String text = data == null ? "" : new String(data, UTF_8);
        values.put(below.substring(path.length() + 1), text);
      }
    }
    return values;
  }

  private static boolean hasChildren(String folder, SortedMap<String, Znode> znodes) {
    SortedMap<String, Znode> below = znodes.tailMap(folder + "/");
    return !below.isEmpty() && below.firstKey().startsWith(folder + "/");
  }

  // ---- writing
  // -----------------------------------------------------------------------------------

  /** As {@link #update(Map, Set)}, removing nothing. */
  public CompletableFuture<Long> update(Map<String, String> values) {
    return update(values, Set.of());
  }

  /**
   * Writes these values and removes these keys, all at one zxid or none, whatever they were before;
   * missing znodes are created. All together have at most 1 MiB. A key to remove that is not there
   * is no error; one that has keys below it is.
   *
   * @return the zxid (0 if there was nothing to do), once {@link #picture} shows it, or the request
   *     timeout has passed since
   */
  public CompletableFuture<Long> update(Map<String, String> values, Set<String> removed) {
    SortedMap<String, byte @Nullable []> wanted = new TreeMap<>();
    for (String key : removed) {
      wanted.put(pathOf(key), null);
    }
    for (Map.Entry<String, String> entry : values.entrySet()) {
      if (removed.contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "key '" + entry.getKey() + "' is to be written and removed");
      }
      wanted.put(pathOf(entry.getKey()), entry.getValue().getBytes(UTF_8));
    }
    if (wanted.isEmpty()) {
      throw new IllegalArgumentException("an update has at least one key");
    }
    return new TreeWrite(client, path, lane, wanted).begin().thenCompose(this::shown);
  }

  private String pathOf(String key) {
    String at = path + "/" + key;
    String fault = ZnodePath.problemWith(at);
    if (fault == null && (key.startsWith(".") || key.contains("/."))) {
      fault = "names that begin with a dot are left out";
    }
    if (fault != null) {
      throw new IllegalArgumentException("config key '" + key + "': " + fault);
    }
    return at;
  }

  private CompletableFuture<Long> shown(long zxid) {
    CompletableFuture<Long> shown = new CompletableFuture<>();
    lane.execute(
        () -> {
          ConfigPicture now = picture;
          if (closed || (now != null && now.zxid() >= zxid)) {
            shown.complete(zxid);
          } else {
            awaited.add(new Awaited(zxid, shown));
          }
        });
    Subscription patience =
        client
            .scheduler()
            .schedule(client.requestTimeout(), () -> lane.execute(() -> shown.complete(zxid)));
    return shown.whenComplete((done, failure) -> patience.close());
  }

  /** Ends the following; no listener is called any more. The last picture stays readable. */
  @Override
  public void close() {
    closed = true;
    var unused =
        answered.completeExceptionally(
            new ConfigUnavailableException("config tree " + path + " was closed", null));
    lane.execute(
        () -> {
          reader.end();
          awaited.forEach(each -> each.shown().complete(each.zxid()));
          awaited.clear();
        });
  }

  @Override
  public String toString() {
    return "ConfigTree(" + path + ")";
  }
}
