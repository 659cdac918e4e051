package io.quorate.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/**
 * A client that moves between two servers, one of them behind the other, with histories of random
 * bounds: each of its watches hears exactly what it is due (W1 to W4), or is told that it may not
 * have.
 */
class WatchMovesTest {
  private static final List<Acl> SECRET =
      List.of(new Acl(Acl.ALL, new Identity("digest", "ann:h")));

  /** One watch as the client sees it, and what it was told. */
  private static final class Held {
    final ClientMessage.Registration watch;
    final long sinceZxid;
    final List<String> heard = new ArrayList<>();

    /** Ranges {@code (from, to]} of which it was told that changes may be missing. */
    final List<long[]> gaps = new ArrayList<>();

    Held(ClientMessage.Registration watch, long sinceZxid) {
      this.watch = watch;
      this.sinceZxid = sinceZxid;
    }
  }

  private static final class Server {
    final ChangeHistory history;
    final WatchRegistry registry;
    int applied;

    Server(int bound, ReadFilter filter) {
      history = new ChangeHistory(new WatchLimits(bound, 1 << 30));
      registry = new WatchRegistry(filter);
    }
  }

  private final List<List<ZnodeChange>> log = new ArrayList<>();
  private final TreeMap<Long, Held> held = new TreeMap<>();
  private final Server[] servers = new Server[2];
  private final int[] bounds = new int[2];
  private Random random = new Random();
  private boolean privileged;
  private long lastConnection;
  private long lastWatch;
  private Server at;
  private long resumePoint;

  WatchMovesTest() {
    at = new Server(0, (connection, acl) -> true);
  }

  @Property(tries = 300)
  void movingClient_hearsExactlyWhatIsDue_orIsToldThatItMayNotHave(@ForAll long seed) {
    random = new Random(seed);
    log.clear();
    held.clear();
    privileged = random.nextBoolean();
    for (int i = 0; i < 2; i++) {
      bounds[i] = random.nextInt(30);
      servers[i] = new Server(bounds[i], this::mayRead);
    }
    at = servers[0];
    lastConnection = 1;
    resumePoint = 0;
    boolean resynced = false;
    for (int step = 0; step < 150; step++) {
      switch (random.nextInt(12)) {
        case 0, 1 -> register();
        case 2 -> remove();
        case 3 -> resynced |= move();
        case 4, 5, 6 -> log.add(randomChanges(log.size() + 1));
        default -> apply(at);
      }
    }
    while (at.applied < log.size()) {
      apply(at);
    }
    held.values().forEach(this::judge);
    assertThat(at.registry.count())
        .isEqualTo((int) held.values().stream().filter(this::isLeft).count());
    at.registry.dropConnection(lastConnection);
    for (Server server : servers) {
      assertThat(server.registry.count() + server.registry.indexSize()).isZero();
    }
    Statistics.label("resynced").collect(resynced);
  }

  private boolean mayRead(long connection, List<Acl> acl) {
    assertThat(connection).isEqualTo(lastConnection);
    return privileged || acl.equals(Acl.OPEN);
  }

  private List<ZnodeChange> randomChanges(long zxid) {
    List<ZnodeChange> changes = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      WatchEvent.Type type = WatchEvent.Type.values()[random.nextInt(4)];
      changes.add(
          new ZnodeChange(type, randomPath(), zxid, random.nextInt(4) == 0 ? SECRET : Acl.OPEN));
    }
    return changes;
  }

  private String randomPath() {
    return List.of("/", "/a", "/a/b", "/a/b/c", "/a/bc", "/d").get(random.nextInt(6));
  }

  private void apply(Server server) {
    if (server.applied == log.size()) {
      return;
    }
    List<ZnodeChange> changes = log.get(server.applied++);
    server.history.add(server.applied, changes);
    List<WatchRegistry.Firing> firings = server.registry.fire(changes);
    assertThat(firings.size()).isLessThanOrEqualTo(1);
    firings.forEach(firing -> hear(server.applied, firing.fired()));
    if (server == at && (!firings.isEmpty() || random.nextBoolean())) {
      resumePoint = server.applied; // told by the event, or by a pong
    }
  }

  private void hear(long zxid, List<ServerMessage.Fired> fired) {
    for (ServerMessage.Fired one : fired) {
      Held watch = held.get(one.watchId());
      assertThat(watch).as("watch %s fires after its removal", one).isNotNull();
      watch.heard.add(zxid + " " + one.type() + " " + one.path());
    }
  }

  private void register() {
    WatchKind kind = WatchKind.values()[random.nextInt(5)];
    String path = randomPath();
    resumePoint = at.applied; // told by the answer
    at.registry.add(lastConnection, ++lastWatch, path, kind);
    held.put(
        lastWatch, new Held(new ClientMessage.Registration(lastWatch, path, kind), at.applied));
  }

  private void remove() {
    if (!held.isEmpty()) {
      long id = new ArrayList<>(held.keySet()).get(random.nextInt(held.size()));
      at.registry.remove(lastConnection, id);
      judge(held.remove(id));
    }
  }

  /** To the other server or the same; returns whether a resync was told. */
  private boolean move() {
    at.registry.dropConnection(lastConnection);
    long since = resumePoint;
    if (random.nextBoolean()) {
      apply(at); // unheard of
    }
    Server next = servers[random.nextInt(2)];
    while (next.applied < since) {
      apply(next);
    }
    at = next;
    lastConnection++;
    // What a client holds: one-shot watches that have heard something are gone from its table.
    List<ClientMessage.Registration> watches = new ArrayList<>();
    for (Held each : held.values()) {
      if (!each.watch.kind().isOneShot() || each.heard.isEmpty()) {
        watches.add(each.watch);
      }
    }
    WatchReplay replay =
        new WatchReplay(next.history, since, lastConnection, watches, this::mayRead);
    while (replay.advance(1 + random.nextInt(4))) {
      // cut anywhere
    }
    int changesSince = 0;
    for (long zxid = since + 1; zxid <= next.applied; zxid++) {
      changesSince += log.get((int) zxid - 1).size();
    }
    int bound = bounds[next == servers[0] ? 0 : 1];
    assertThat(!replay.isKnown()).as("a resync").isEqualTo(changesSince > bound);
    if (replay.isKnown()) {
      replay.missed().forEach(events -> hear(events.zxid(), events.fired()));
      assertThat(replay.missed()).isSortedAccordingTo((a, b) -> Long.compare(a.zxid(), b.zxid()));
      watches = replay.left();
    } else {
      watches.forEach(
          watch -> held.get(watch.watchId()).gaps.add(new long[] {since, next.applied}));
    }
    for (ClientMessage.Registration watch : watches) {
      next.registry.add(lastConnection, watch.watchId(), watch.path(), watch.kind());
    }
    resumePoint = next.applied;
    return !replay.isKnown();
  }

  /** The obviously right model: goes through the log and applies the rules as they are written. */
  private void judge(Held watch) {
    List<String> due = new ArrayList<>();
    boolean met = false;
    for (long zxid = watch.sinceZxid + 1; zxid <= at.applied; zxid++) {
      long current = zxid;
      if (watch.gaps.stream().anyMatch(gap -> gap[0] < current && current <= gap[1])) {
        continue;
      }
      for (ZnodeChange change : log.get((int) zxid - 1)) {
        if (concerns(watch.watch, change)
            && (privileged || change.acl().equals(Acl.OPEN))
            && !(met && watch.watch.kind().isOneShot())) {
          met = true;
          due.add(zxid + " " + change.type() + " " + change.path());
        }
      }
    }
    assertThat(watch.heard).as("heard by %s", watch.watch).isEqualTo(due);
    if (at.applied == log.size() && held.containsValue(watch)) {
      assertThat(isLeft(watch)).isEqualTo(due.isEmpty() || !watch.watch.kind().isOneShot());
    }
  }

  private boolean isLeft(Held watch) {
    return at.registry.watchesOf(lastConnection).contains(watch.watch);
  }

  private static boolean concerns(ClientMessage.Registration watch, ZnodeChange change) {
    boolean same = change.path().equals(watch.path());
    boolean below = change.path().startsWith(watch.path().equals("/") ? "/" : watch.path() + "/");
    return switch (watch.kind()) {
      case DATA ->
          same
              && List.of(WatchEvent.Type.NODE_DATA_CHANGED, WatchEvent.Type.NODE_DELETED)
                  .contains(change.type());
      case EXIST -> same && change.type() != WatchEvent.Type.NODE_CHILDREN_CHANGED;
      case CHILDREN ->
          same
              && List.of(WatchEvent.Type.NODE_CHILDREN_CHANGED, WatchEvent.Type.NODE_DELETED)
                  .contains(change.type());
      case PERSISTENT -> same;
      case PERSISTENT_RECURSIVE ->
          (same || below) && change.type() != WatchEvent.Type.NODE_CHILDREN_CHANGED;
    };
  }
}
