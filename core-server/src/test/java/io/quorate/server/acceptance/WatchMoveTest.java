package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.BlockingClient;
import io.quorate.client.CreateOptions;
import io.quorate.client.QuorateClient;
import io.quorate.client.WatchScope;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.Acl;
import io.quorate.data.ZnodeStat;
import io.quorate.server.config.LimitsConfig;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.transport.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a watch survives the move of its client to another server with no change missed and none
 * told twice, or says RESYNC; and nobody is told of what he may not read, on whatever way.
 *
 * <p>Method: whole servers; the one that holds the watches is killed under writes, or is cut off
 * from the others while they are written to, so that every change is missed for certain.
 */
class WatchMoveTest {
  private static final int CHANGES = 200;

  @TempDir private Path directory;
  private @Nullable Servers opened;

  @AfterEach
  void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private Servers servers(LimitsConfig limits) {
    Servers servers = new Servers(directory, StorageConfig.defaults());
    opened = servers;
    servers.setLimits(limits);
    return servers.start();
  }

  private Servers servers() {
    return servers(LimitsConfig.defaults());
  }

  /** The one server that holds watches. */
  private static int holder(Servers servers) {
    Await.until(
        () -> "one holder of watches; found " + holders(servers),
        () -> holders(servers).size() == 1);
    return holders(servers).get(0);
  }

  private static List<Integer> holders(Servers servers) {
    return IntStream.rangeClosed(1, Servers.COUNT)
        .filter(id -> servers.status(id).watches() > 0)
        .boxed()
        .toList();
  }

  /** Sends that many changes of a znode, pipelined. */
  private static List<CompletableFuture<ZnodeStat>> set(QuorateClient writer, String path, int n) {
    List<CompletableFuture<ZnodeStat>> sets = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      sets.add(writer.set(path, new byte[] {(byte) i}));
    }
    return sets;
  }

  private static List<Long> zxids(QuorateClient writer, List<CompletableFuture<ZnodeStat>> sets)
      throws InterruptedException {
    List<Long> zxids = new ArrayList<>();
    for (CompletableFuture<ZnodeStat> set : sets) {
      zxids.add(writer.blocking().await(set).mzxid());
    }
    return zxids;
  }

  private static List<Long> zxidsOf(List<ZnodeEvent> events) {
    return events.stream().map(ZnodeEvent::zxid).toList();
  }

  // --- no change missed --------------------------------------------------------------------------

  /** All kinds of watches at once, while {@code fault} hits their server. */
  private static void everyChangeIsHeardOnce(Servers servers, IntConsumer fault)
      throws InterruptedException {
    QuorateClient watcher = servers.client();
    BlockingClient watching = watcher.blocking();
    watching.create("/a", null);
    watching.create("/a/b", null);
    List<ZnodeEvent> persistent = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> recursive = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> data = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> exist = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> children = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> untouched = new CopyOnWriteArrayList<>();
    watching.watch("/a/b", persistent::add);
    watching.watch("/a", WatchScope.RECURSIVE, recursive::add);
    watching.get("/a/b", data::add);
    watching.exists("/a/new", exist::add);
    watching.children("/a", children::add);
    watching.get("/a", untouched::add);
    int at = holder(servers);
    QuorateClient writer = servers.clientOf(at % Servers.COUNT + 1);
    writer.blocking().sync();

    List<CompletableFuture<ZnodeStat>> sets = set(writer, "/a/b", CHANGES);
    fault.accept(at);
    sets.addAll(set(writer, "/a/b", CHANGES));
    List<Long> changes = zxids(writer, sets);
    long made = writer.blocking().create("/a/new", null).stat().czxid();
    long last = writer.blocking().set("/a/b", null).mzxid();

    List<Long> ofZnode = new ArrayList<>(changes);
    ofZnode.add(last);
    List<Long> ofAll = new ArrayList<>(changes);
    ofAll.add(made);
    ofAll.add(last);
    Await.until(
        () -> "the last change; found " + persistent.size() + " and " + recursive.size(),
        () -> zxidsOf(persistent).contains(last) && zxidsOf(recursive).contains(last));
    watching.sync();
    assertThat(zxidsOf(persistent)).isEqualTo(ofZnode);
    assertThat(zxidsOf(recursive)).isEqualTo(ofAll);
    assertThat(recursive)
        .extracting(ZnodeEvent::type)
        .doesNotContain(ZnodeEvent.Type.CHILDREN_CHANGED, ZnodeEvent.Type.RESYNC);
    assertThat(data)
        .containsExactly(new ZnodeEvent(ZnodeEvent.Type.DATA_CHANGED, "/a/b", changes.get(0)));
    assertThat(exist).containsExactly(new ZnodeEvent(ZnodeEvent.Type.CREATED, "/a/new", made));
    assertThat(children)
        .containsExactly(new ZnodeEvent(ZnodeEvent.Type.CHILDREN_CHANGED, "/a", made));
    assertThat(untouched).isEmpty();

    // What is left goes on at the new server.
    long touched = writer.blocking().set("/a", null).mzxid();
    Await.until(() -> "the watch that was left; found " + untouched, () -> untouched.size() == 1);
    assertThat(untouched.get(0).zxid()).isEqualTo(touched);
  }

  @Test
  void serverOfTheWatchesKilled_everyChangeIsHeardOnce() throws InterruptedException {
    Servers servers = servers();
    everyChangeIsHeardOnce(servers, servers::kill);
  }

  @Test
  void serverOfTheWatchesCutOff_everyChangeIsHeardOnce() throws InterruptedException {
    Servers servers = servers();
    everyChangeIsHeardOnce(servers, servers::isolate);
    servers.heal();
  }

  // --- where the history does not reach back -----------------------------------------------------

  @Test
  void moreMissedThanRemembered_lastingWatchesSayResyncAndOneShotsFireOnce()
      throws InterruptedException {
    Servers servers = servers(LimitsConfig.defaults().withWatchHistory(10, 1 << 20));
    QuorateClient watcher = servers.client();
    watcher.blocking().create("/a", null);
    List<ZnodeEvent> persistent = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> recursive = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> data = new CopyOnWriteArrayList<>();
    watcher.blocking().watch("/a", persistent::add);
    watcher.blocking().watch("/", WatchScope.RECURSIVE, recursive::add);
    watcher.blocking().get("/a", data::add);
    int at = holder(servers);
    QuorateClient writer = servers.clientOf(at % Servers.COUNT + 1);
    writer.blocking().sync();

    servers.isolate(at);
    zxids(writer, set(writer, "/a", CHANGES));

    Await.until(
        () -> "three tellings; found " + persistent + recursive + data,
        () -> !persistent.isEmpty() && !recursive.isEmpty() && !data.isEmpty());
    long after = writer.blocking().set("/a", null).mzxid();
    ZnodeEvent change = new ZnodeEvent(ZnodeEvent.Type.DATA_CHANGED, "/a", after);
    Await.until(
        () -> "the change after it; found " + persistent + recursive,
        () -> persistent.contains(change) && recursive.contains(change));
    assertThat(persistent).containsExactly(new ZnodeEvent(ZnodeEvent.Type.RESYNC, "/a", 0), change);
    assertThat(recursive).containsExactly(new ZnodeEvent(ZnodeEvent.Type.RESYNC, "/", 0), change);
    assertThat(data).extracting(ZnodeEvent::type).containsExactly(ZnodeEvent.Type.DATA_CHANGED);
    servers.heal();
  }

  // --- who may hear ------------------------------------------------------------------------------

  @Test
  void eventsOfAnUnreadableZnode_areHeardByItsReaderOnly_beforeAndAfterAMove()
      throws InterruptedException {
    Servers servers = servers();
    QuorateClient bob = servers.client();
    bob.blocking().addCredential("digest", "bob:b");
    List<ZnodeEvent> bobs = new CopyOnWriteArrayList<>();
    bob.blocking().watch("/", WatchScope.RECURSIVE, bobs::add);
    int at = holder(servers);
    QuorateClient ann = servers.clientOf(at % Servers.COUNT + 1);
    ann.blocking().addCredential("digest", "ann:a");
    List<ZnodeEvent> anns = new CopyOnWriteArrayList<>();
    ann.blocking().watch("/", WatchScope.RECURSIVE, anns::add);

    List<Long> open = new ArrayList<>();
    List<Long> all = new ArrayList<>();
    changeBoth(ann, "1", open, all);
    Await.until(() -> "the open changes; found " + bobs, () -> zxidsOf(bobs).equals(open));

    servers.isolate(at);
    changeBoth(ann, "2", open, all);
    Await.until(() -> "what bob missed; found " + bobs, () -> zxidsOf(bobs).equals(open));

    servers.heal();
    Await.until(() -> "what ann may read; found " + anns, () -> zxidsOf(anns).equals(all));
    assertThat(bobs).noneMatch(event -> event.path().startsWith("/hers"));
  }

  @Test
  void changesThatMayNotBeRead_useUpNoOneShotWatch_beforeAndAfterAMove()
      throws InterruptedException {
    Servers servers = servers();
    QuorateClient bob = servers.client();
    BlockingClient watching = bob.blocking();
    watching.create("/a", null);
    List<ZnodeEvent> moved = new CopyOnWriteArrayList<>();
    List<ZnodeEvent> stayed = new CopyOnWriteArrayList<>();
    watching.get("/a", stayed::add);
    int at = holder(servers);
    QuorateClient ann = servers.clientOf(at % Servers.COUNT + 1);
    BlockingClient hers = ann.blocking();
    hers.addCredential("digest", "ann:a");
    hers.sync();

    hers.setAcl("/a", Acl.CREATOR_ALL);
    hers.set("/a", null);
    hers.setAcl("/a", Acl.OPEN);
    long first = hers.set("/a", null).mzxid();
    Await.until(() -> "what bob may read; found " + stayed, () -> zxidsOf(stayed).contains(first));

    watching.get("/a", moved::add);
    hers.setAcl("/a", Acl.CREATOR_ALL);
    hers.set("/a", null);
    watching.sync();
    servers.isolate(at);
    hers.set("/a", null);
    hers.setAcl("/a", Acl.OPEN);
    long second = hers.set("/a", null).mzxid();
    Await.until(() -> "what bob may read; found " + moved, () -> !moved.isEmpty());
    servers.heal();
    hers.set("/a", null);
    watching.sync();
    assertThat(zxidsOf(stayed)).containsExactly(first);
    assertThat(zxidsOf(moved)).containsExactly(second);
  }

  /** Makes and changes a znode of her own and one for everybody, hers first. */
  private static void changeBoth(QuorateClient ann, String name, List<Long> open, List<Long> all)
      throws InterruptedException {
    BlockingClient client = ann.blocking();
    String hers = "/hers" + name;
    String ours = "/ours" + name;
    all.add(
        client.create(hers, null, CreateOptions.DEFAULT.withAcl(Acl.CREATOR_ALL)).stat().czxid());
    all.add(client.set(hers, null).mzxid());
    long created = client.create(ours, null).stat().czxid();
    long changed = client.set(ours, null).mzxid();
    open.addAll(List.of(created, changed));
    all.addAll(List.of(created, changed));
  }
}
