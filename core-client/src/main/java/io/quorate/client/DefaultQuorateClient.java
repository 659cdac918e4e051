package io.quorate.client;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.client.session.SessionRequest;
import io.quorate.data.Acl;
import io.quorate.data.Credential;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Checks what callers say, and makes requests of it; one of possibly several views of a client. */
final class DefaultQuorateClient implements QuorateClient {
  private static final int MULTI_OPS_MAX = 4096;
  private static final int PAGE_NAMES = 1000;

  private final ClientCore core;
  private final Paths paths;
  private final Duration requestTimeout;

  DefaultQuorateClient(ClientCore core, Duration requestTimeout) {
    this.core = core;
    this.paths = core.paths;
    this.requestTimeout = requestTimeout;
  }

  @Override
  public QuorateClient withRequestTimeout(Duration timeout) {
    return new DefaultQuorateClient(
        core, QuorateClientBuilder.positive(timeout, "request timeout"));
  }

  // ---- writes ----------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Created> create(
      String path, byte @Nullable [] data, CreateOptions options) {
    return write("create", Op.create(path, data, options), Readings::created);
  }

  @Override
  public CompletableFuture<Void> delete(String path, int version) {
    return write("delete", Op.delete(path, version), Readings::nothing);
  }

  @Override
  public CompletableFuture<ZnodeStat> set(String path, byte @Nullable [] data, int version) {
    return write("set", Op.set(path, data, version), Readings::stat);
  }

  @Override
  public CompletableFuture<ZnodeStat> setAcl(String path, List<Acl> acl, int aversion) {
    return write("setAcl", Op.setAcl(path, acl, aversion), Readings::stat);
  }

  @Override
  public CompletableFuture<ZnodeStat> setExpiry(String path, Duration after) {
    return write("setExpiry", Op.setExpiry(path, after), Readings::stat);
  }

  @Override
  public CompletableFuture<ZnodeStat> clearExpiry(String path) {
    return write("setExpiry", Op.clearExpiry(path), Readings::stat);
  }

  private <T> CompletableFuture<T> write(String operation, Op op, Call.Reading<T> reading) {
    RequestSize.require(List.of(op.write()));
    Call<T> call = call(operation, Paths.of(op.write()), List.of(op), reading);
    return core.submit(call, new SessionRequest.Write(paths.inside(op.write())), deadline());
  }

  @Override
  public CompletableFuture<MultiResult> multi(List<Op> ops) {
    List<Op> all = List.copyOf(ops);
    if (all.isEmpty() || all.size() > MULTI_OPS_MAX) {
      throw new IllegalArgumentException(
          "a multi has 1 to " + MULTI_OPS_MAX + " operations, found " + all.size());
    }
    List<WriteOp> writes = new ArrayList<>(all.size());
    for (Op op : all) {
      writes.add(op.write());
    }
    RequestSize.require(writes);
    Call<MultiResult> call =
        call(
            Failures.MULTI,
            "",
            all,
            (result, zxid) -> new MultiResult(zxid, ((OpResult.MultiDone) result).results()));
    WriteOp multi = paths.inside(new WriteOp.Multi(writes));
    return core.submit(call, new SessionRequest.Write(multi), deadline());
  }

  // ---- reads -----------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Znode> get(String path, Consistency consistency) {
    return read("get", path, new ReadOp.Get(inside(path)), consistency, null, Readings::znode);
  }

  @Override
  public CompletableFuture<Znode> get(String path, WatchListener listener) {
    return read(
        "get", path, new ReadOp.Get(inside(path)), Consistency.SESSION, listener, Readings::znode);
  }

  @Override
  public CompletableFuture<Optional<ZnodeStat>> exists(String path, Consistency consistency) {
    return read(
        "exists", path, new ReadOp.Exists(inside(path)), consistency, null, Readings::existence);
  }

  @Override
  public CompletableFuture<Optional<ZnodeStat>> exists(String path, WatchListener listener) {
    return read(
        "exists",
        path,
        new ReadOp.Exists(inside(path)),
        Consistency.SESSION,
        listener,
        Readings::existence);
  }

  @Override
  public CompletableFuture<Children> children(String path, Consistency consistency) {
    return allChildren(path, consistency, null);
  }

  @Override
  public CompletableFuture<Children> children(String path, WatchListener listener) {
    return allChildren(path, Consistency.SESSION, listener);
  }

  /** The first page carries the consistency and the watch: later ones are not older. */
  private CompletableFuture<Children> allChildren(
      String path, Consistency consistency, @Nullable WatchListener listener) {
    long deadline = deadline();
    return page(path, "", PAGE_NAMES, consistency, listener, deadline)
        .thenCompose(page -> withFollowing(path, new ArrayList<>(), page, page, deadline));
  }

  private CompletableFuture<Children> withFollowing(
      String path, List<String> names, ChildrenPage first, ChildrenPage page, long deadline) {
    names.addAll(page.names());
    if (!page.more() || page.names().isEmpty()) {
      ZnodeStat stat = page.stat();
      boolean atOneInstant =
          stat.czxid() == first.stat().czxid() && stat.pzxid() == first.stat().pzxid();
      return CompletableFuture.completedFuture(new Children(names, atOneInstant, stat));
    }
    return page(path, page.last(), PAGE_NAMES, Consistency.SESSION, null, deadline)
        .thenCompose(next -> withFollowing(path, names, first, next, deadline));
  }

  @Override
  public CompletableFuture<ChildrenPage> childrenPage(
      String path, String afterName, int limit, Consistency consistency) {
    return page(path, afterName, Paths.validLimit(limit), consistency, null, deadline());
  }

  private CompletableFuture<ChildrenPage> page(
      String path,
      String afterName,
      int limit,
      Consistency consistency,
      @Nullable WatchListener listener,
      long deadline) {
    return read(
        "children",
        path,
        new ReadOp.Children(inside(path), afterName, limit),
        consistency,
        listener,
        deadline,
        Readings::childrenPage);
  }

  @Override
  public CompletableFuture<Long> forEachChild(String path, Consumer<String> action) {
    Objects.requireNonNull(action, "action");
    return forEachChild(path, "", 0, action);
  }

  private CompletableFuture<Long> forEachChild(
      String path, String afterName, long before, Consumer<String> action) {
    return childrenPage(path, afterName, PAGE_NAMES)
        .thenCompose(
            page -> {
              page.names().forEach(action);
              long count = before + page.names().size();
              return page.more() && !page.names().isEmpty()
                  ? forEachChild(path, page.last(), count, action)
                  : CompletableFuture.completedFuture(count);
            });
  }

  @Override
  public CompletableFuture<ZnodeAcl> getAcl(String path) {
    return read(
        "getAcl", path, new ReadOp.GetAcl(inside(path)), Consistency.SESSION, null, Readings::acl);
  }

  @Override
  public CompletableFuture<Long> subtreeCount(String path) {
    return read(
        "subtreeCount",
        path,
        new ReadOp.SubtreeCount(inside(path)),
        Consistency.SESSION,
        null,
        Readings::count);
  }

  @Override
  public CompletableFuture<List<String>> ephemerals(String prefix) {
    return allEphemerals(prefix, new ArrayList<>(), "", deadline());
  }

  private CompletableFuture<List<String>> allEphemerals(
      String prefix, List<String> gathered, String afterPath, long deadline) {
    return ephemeralsPage(prefix, afterPath, PAGE_NAMES, deadline)
        .thenCompose(
            page -> {
              gathered.addAll(page.paths());
              return page.more() && !page.paths().isEmpty()
                  ? allEphemerals(prefix, gathered, page.last(), deadline)
                  : CompletableFuture.completedFuture(List.copyOf(gathered));
            });
  }

  @Override
  public CompletableFuture<PathsPage> ephemeralsPage(String prefix, String afterPath, int limit) {
    return ephemeralsPage(prefix, afterPath, Paths.validLimit(limit), deadline());
  }

  private CompletableFuture<PathsPage> ephemeralsPage(
      String prefix, String afterPath, int limit, long deadline) {
    ReadOp op = new ReadOp.Ephemerals(Paths.validPrefix(prefix), afterPath, limit);
    return read(
        "ephemerals",
        prefix,
        paths.inside(op),
        Consistency.SESSION,
        null,
        deadline,
        Readings::pathsPage);
  }

  @Override
  public CompletableFuture<List<Identity>> whoAmI() {
    return read("whoAmI", "", new ReadOp.WhoAmI(), Consistency.SESSION, null, Readings::identities);
  }

  private <T> CompletableFuture<T> read(
      String operation,
      String path,
      ReadOp op,
      Consistency consistency,
      @Nullable WatchListener listener,
      Call.Reading<T> reading) {
    return read(operation, path, op, consistency, listener, deadline(), reading);
  }

  private <T> CompletableFuture<T> read(
      String operation,
      String path,
      ReadOp op,
      Consistency consistency,
      @Nullable WatchListener listener,
      long deadline,
      Call.Reading<T> reading) {
    boolean linearizable = consistency == Consistency.LINEARIZABLE;
    SessionRequest request =
        listener == null
            ? SessionRequest.Read.plain(op, linearizable)
            : new SessionRequest.Read(
                op, linearizable, core.watchIds.incrementAndGet(), oneShot(path, listener));
    return core.submit(call(operation, path, List.of(), reading), request, deadline);
  }

  private WatchTarget oneShot(String path, WatchListener listener) {
    return new WatchTarget(
        paths, path, listener, CompletableFuture.completedFuture(null), () -> {});
  }

  private String inside(String path) {
    return paths.inside(Paths.valid(path));
  }

  @Override
  public CompletableFuture<Void> sync() {
    Call<Void> call = call("sync", "", List.of(), Readings::nothing);
    return core.submit(call, new SessionRequest.Sync(), deadline());
  }

  @Override
  public CompletableFuture<Void> addCredential(String scheme, byte[] credential) {
    Credential copied = new Credential(scheme, credential);
    Call<Void> call = call("addCredential", scheme, List.of(), Readings::nothing);
    return core.submit(call, new SessionRequest.Authenticate(copied), deadline());
  }

  @Override
  public Watch watch(String path, WatchScope scope, WatchListener listener) {
    Objects.requireNonNull(listener, "listener");
    String serverPath = inside(path);
    long id = core.watchIds.incrementAndGet();
    Call<Void> call = call("watch", path, List.of(), Readings::nothing);
    WatchTarget target =
        new WatchTarget(paths, path, listener, call.future, () -> unwatch(id, path));
    SessionRequest request = new SessionRequest.AddWatch(id, serverPath, scope.kind(), target);
    var unused = core.submit(call, request, deadline());
    return target;
  }

  private void unwatch(long id, String path) {
    Call<Void> call = call("unwatch", path, List.of(), Readings::nothing);
    var unused = core.submit(call, new SessionRequest.RemoveWatch(id), Long.MAX_VALUE);
  }

  private long deadline() {
    return Deadline.after(requestTimeout, core.clock).nanoTime();
  }

  private <T> Call<T> call(String operation, String path, List<Op> ops, Call.Reading<T> reading) {
    return new Call<>(
        operation,
        path,
        ops,
        core.clock.getAsLong(),
        requestTimeout,
        (result, zxid) -> reading.read(paths.outside(result), zxid));
  }

  // ---- session ----------------------------------------------------------------------------------

  @Override
  public ConnectionState state() {
    return core.state();
  }

  @Override
  public Subscription onStateChange(Consumer<ConnectionState> listener) {
    return core.stateListeners.add(listener);
  }

  @Override
  public Subscription onSessionLost(Consumer<SessionLoss> listener) {
    return core.lossListeners.add(listener);
  }

  @Override
  public long sessionId() {
    return core.sessionId();
  }

  @Override
  public Deadline safeUntil() {
    return core.safeUntil();
  }

  @Override
  public String clientName() {
    return core.settings.clientName();
  }

  @Override
  public Duration sessionTimeout() {
    return core.sessionTimeout();
  }

  @Override
  public Duration requestTimeout() {
    return requestTimeout;
  }

  @Override
  public ClientScheduler scheduler() {
    return core.scheduler;
  }

  @Override
  public MeterRegistry meters() {
    return core.registry;
  }

  @Override
  public void close() {
    core.close();
  }

  /** See {@link ClientFreeze}. */
  Subscription freeze(Duration patience) throws InterruptedException {
    return core.freeze(patience);
  }
}
