package io.quorate.server.watch;

import static io.quorate.data.WatchEvent.Type.NODE_CHILDREN_CHANGED;
import static io.quorate.data.WatchEvent.Type.NODE_CREATED;
import static io.quorate.data.WatchEvent.Type.NODE_DATA_CHANGED;
import static io.quorate.data.WatchEvent.Type.NODE_DELETED;
import static io.quorate.data.WatchKind.PERSISTENT_RECURSIVE;
import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ServerMessage.Fired;
import io.quorate.server.tree.ZnodeChange;
import io.quorate.server.watch.WatchRegistry.Firing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who hears of which change, how often and in which order. */
class WatchRegistryTest {
  private final WatchRegistry registry = new WatchRegistry(3, (connection, acl) -> true);

  private List<Firing> fire(WatchEvent.Type type, String path) {
    return registry.fire(List.of(new ZnodeChange(type, path, 9)));
  }

  @ParameterizedTest
  @CsvSource({
    "DATA,       NODE_CREATED,          false",
    "DATA,       NODE_DELETED,          true",
    "DATA,       NODE_DATA_CHANGED,     true",
    "DATA,       NODE_CHILDREN_CHANGED, false",
    "EXIST,      NODE_CREATED,          true",
    "EXIST,      NODE_DELETED,          true",
    "EXIST,      NODE_DATA_CHANGED,     true",
    "EXIST,      NODE_CHILDREN_CHANGED, false",
    "CHILDREN,   NODE_CREATED,          false",
    "CHILDREN,   NODE_DELETED,          true",
    "CHILDREN,   NODE_DATA_CHANGED,     false",
    "CHILDREN,   NODE_CHILDREN_CHANGED, true",
    "PERSISTENT, NODE_CREATED,          true",
    "PERSISTENT, NODE_DELETED,          true",
    "PERSISTENT, NODE_DATA_CHANGED,     true",
    "PERSISTENT, NODE_CHILDREN_CHANGED, true",
    "PERSISTENT_RECURSIVE, NODE_CREATED,          true",
    "PERSISTENT_RECURSIVE, NODE_DELETED,          true",
    "PERSISTENT_RECURSIVE, NODE_DATA_CHANGED,     true",
    "PERSISTENT_RECURSIVE, NODE_CHILDREN_CHANGED, false",
  })
  void watch_firesOnItsChanges_andGoesIfOneShot(
      WatchKind kind, WatchEvent.Type type, boolean fires) {
    registry.add(1, 7, "/a", kind);
    assertThat(fire(type, "/b")).isEmpty();
    assertThat(fire(type, "/a/x")).hasSize(kind == PERSISTENT_RECURSIVE && fires ? 1 : 0);
    assertThat(fire(type, "/ab")).isEmpty();
    assertThat(fire(type, "/")).isEmpty();
    List<Firing> wanted =
        fires ? List.of(new Firing(1, List.of(new Fired(7, type, "/a")))) : List.of();
    assertThat(fire(type, "/a")).isEqualTo(wanted);
    boolean stays = !fires || !kind.isOneShot();
    assertThat(registry.count()).isEqualTo(stays ? 1 : 0);
    assertThat(registry.indexSize()).isEqualTo(stays ? 2 : 0);
    assertThat(fire(type, "/a")).isEqualTo(kind.isOneShot() ? List.of() : wanted);
  }

  @Test
  void firings_comeByConnection_thenInOrderOfChangesAndRegistration() {
    registry.add(5, 1, "/a", WatchKind.PERSISTENT);
    registry.add(2, 9, "/a", WatchKind.DATA);
    registry.add(2, 3, "/a", WatchKind.PERSISTENT);
    registry.add(2, 4, "/", WatchKind.CHILDREN);
    assertThat(
            registry.fire(
                List.of(
                    new ZnodeChange(NODE_CHILDREN_CHANGED, "/", 9),
                    new ZnodeChange(NODE_DATA_CHANGED, "/a", 9),
                    new ZnodeChange(NODE_DELETED, "/a", 9),
                    new ZnodeChange(NODE_CHILDREN_CHANGED, "/", 9))))
        .containsExactly(
            new Firing(
                2,
                List.of(
                    new Fired(4, NODE_CHILDREN_CHANGED, "/"),
                    new Fired(9, NODE_DATA_CHANGED, "/a"),
                    new Fired(3, NODE_DATA_CHANGED, "/a"),
                    new Fired(3, NODE_DELETED, "/a"))),
            new Firing(
                5,
                List.of(new Fired(1, NODE_DATA_CHANGED, "/a"), new Fired(1, NODE_DELETED, "/a"))));
    assertThat(registry.count()).isEqualTo(2);
  }

  @Test
  void recursiveWatches_hearOfEverythingBelow_fromThePathUpwards() {
    registry.add(1, 1, "/", PERSISTENT_RECURSIVE);
    registry.add(1, 2, "/a", PERSISTENT_RECURSIVE);
    registry.add(1, 3, "/a/b/c", WatchKind.PERSISTENT);
    assertThat(fire(NODE_CREATED, "/a/b/c"))
        .containsExactly(
            new Firing(
                1,
                List.of(
                    new Fired(3, NODE_CREATED, "/a/b/c"),
                    new Fired(2, NODE_CREATED, "/a/b/c"),
                    new Fired(1, NODE_CREATED, "/a/b/c"))));
    assertThat(fire(NODE_DELETED, "/"))
        .containsExactly(new Firing(1, List.of(new Fired(1, NODE_DELETED, "/"))));
    registry.remove(1, 1);
    assertThat(fire(NODE_DATA_CHANGED, "/b")).isEmpty();
    registry.dropConnection(1);
    assertThat(registry.count() + registry.indexSize()).isZero();
  }

  private static final List<Acl> SECRET =
      List.of(new Acl(Acl.READ, new Identity("digest", "ann:h")));

  @Test
  void changeOfAZnodeThatMayNotBeRead_isNotTold_andUsesUpNoOneShotWatch() {
    WatchRegistry filtered =
        new WatchRegistry(9, (connection, acl) -> connection == 2 || acl.equals(Acl.OPEN));
    for (long connection = 1; connection <= 2; connection++) {
      filtered.add(connection, 1, "/a", WatchKind.DATA);
      filtered.add(connection, 2, "/a", WatchKind.CHILDREN);
      filtered.add(connection, 3, "/a", WatchKind.PERSISTENT);
      filtered.add(connection, 4, "/", PERSISTENT_RECURSIVE);
    }
    assertThat(
            filtered.fire(
                List.of(
                    new ZnodeChange(NODE_DATA_CHANGED, "/a", 9, SECRET),
                    new ZnodeChange(NODE_CHILDREN_CHANGED, "/a", 9, Acl.OPEN))))
        .containsExactly(
            new Firing(
                1,
                List.of(
                    new Fired(2, NODE_CHILDREN_CHANGED, "/a"),
                    new Fired(3, NODE_CHILDREN_CHANGED, "/a"))),
            new Firing(
                2,
                List.of(
                    new Fired(1, NODE_DATA_CHANGED, "/a"),
                    new Fired(3, NODE_DATA_CHANGED, "/a"),
                    new Fired(4, NODE_DATA_CHANGED, "/a"),
                    new Fired(2, NODE_CHILDREN_CHANGED, "/a"),
                    new Fired(3, NODE_CHILDREN_CHANGED, "/a"))));
    assertThat(filtered.heldBy(1)).isEqualTo(3);
    assertThat(filtered.heldBy(2)).isEqualTo(2);
    // The first change that may be read is heard.
    assertThat(filtered.fire(List.of(new ZnodeChange(NODE_DELETED, "/a", 10, Acl.OPEN))).get(0))
        .isEqualTo(
            new Firing(
                1,
                List.of(
                    new Fired(1, NODE_DELETED, "/a"),
                    new Fired(3, NODE_DELETED, "/a"),
                    new Fired(4, NODE_DELETED, "/a"))));
  }

  @Test
  void connection_holdsOnlySoManyWatches() {
    for (int id = 1; id <= 3; id++) {
      assertThat(registry.add(1, id, "/a", WatchKind.DATA)).isTrue();
    }
    assertThat(registry.add(1, 4, "/a", WatchKind.DATA)).isFalse();
    assertThat(registry.add(2, 4, "/a", WatchKind.DATA)).isTrue();
    assertThat(registry.remove(1, 2)).isTrue();
    assertThat(registry.remove(1, 2)).isFalse();
    assertThat(registry.add(1, 4, "/a", WatchKind.DATA)).isTrue();
    assertThat(registry.count()).isEqualTo(4);
  }

  @Test
  void sameIdAgain_replacesTheWatch() {
    for (int i = 0; i < 10; i++) {
      assertThat(registry.add(1, 1, "/a" + i, WatchKind.DATA)).isTrue();
    }
    assertThat(registry.count()).isEqualTo(1);
    assertThat(registry.indexSize()).isEqualTo(2);
    assertThat(fire(NODE_DELETED, "/a8")).isEmpty();
    assertThat(fire(NODE_DELETED, "/a9")).hasSize(1);
  }

  @Test
  void droppedConnection_leavesNothing() {
    registry.add(1, 1, "/a", WatchKind.DATA);
    registry.add(1, 2, "/b", WatchKind.PERSISTENT);
    registry.add(2, 1, "/a", WatchKind.EXIST);
    registry.dropConnection(1);
    registry.dropConnection(1);
    assertThat(registry.count()).isEqualTo(1);
    assertThat(fire(NODE_CREATED, "/a")).extracting(Firing::connectionId).containsExactly(2L);
    assertThat(registry.indexSize()).isZero();
  }

  /** Against a plain list of watches. */
  @Property(tries = 100)
  void randomUse_doesWhatAListWouldDo(@ForAll long seed) {
    record Watch(long connection, long id, String path, WatchKind kind) {}
    Random random = new Random(seed);
    WatchRegistry subject = new WatchRegistry(1_000, (connection, acl) -> true);
    List<Watch> twin = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      long connection = random.nextInt(4);
      long id = random.nextInt(6);
      String path = "/" + random.nextInt(4);
      switch (random.nextInt(6)) {
        case 0 -> {
          subject.dropConnection(connection);
          twin.removeIf(watch -> watch.connection == connection);
        }
        case 1 -> {
          subject.remove(connection, id);
          twin.removeIf(watch -> watch.connection == connection && watch.id == id);
        }
        case 2, 3, 4 -> {
          WatchKind kind = WatchKind.values()[random.nextInt(WatchKind.values().length)];
          subject.add(connection, id, path, kind);
          twin.removeIf(watch -> watch.connection == connection && watch.id == id);
          twin.add(new Watch(connection, id, path, kind));
        }
        default -> {
          TreeMap<Long, List<Fired>> wanted = new TreeMap<>();
          List<Watch> exactFirst = new ArrayList<>(twin);
          exactFirst.sort(comparing(watch -> watch.kind == PERSISTENT_RECURSIVE)); // stable
          for (Watch watch : exactFirst) {
            if (watch.path.equals(path)) {
              wanted
                  .computeIfAbsent(watch.connection, key -> new ArrayList<>())
                  .add(new Fired(watch.id, NODE_DELETED, path));
              if (watch.kind.isOneShot()) {
                twin.remove(watch);
              }
            }
          }
          List<Firing> firings = new ArrayList<>();
          wanted.forEach((key, fired) -> firings.add(new Firing(key, fired)));
          assertThat(subject.fire(List.of(new ZnodeChange(NODE_DELETED, path, i))))
              .isEqualTo(firings);
        }
      }
      assertThat(subject.count()).isEqualTo(twin.size());
      long paths =
          twin.stream()
              .map(watch -> watch.path + (watch.kind == PERSISTENT_RECURSIVE ? " and below" : ""))
              .distinct()
              .count();
      long connections = twin.stream().map(Watch::connection).distinct().count();
      assertThat(subject.indexSize()).isEqualTo((int) (paths + connections));
    }
  }
}
