package io.quorate.server.watch;

import static io.quorate.data.WatchEvent.Type.NODE_CREATED;
import static io.quorate.data.WatchEvent.Type.NODE_DATA_CHANGED;
import static io.quorate.data.WatchEvent.Type.NODE_DELETED;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage.Registration;
import io.quorate.protocol.message.ServerMessage.Events;
import io.quorate.server.tree.ZnodeChange;
import io.quorate.server.watch.WatchRegistry.Firing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Firing that is cut into slices, with watches and connections that come and go in between. */
class WatchFiringTest {
  private static final List<String> PATHS = List.of("/", "/a", "/a/b", "/a/b/c", "/d");

  private static WatchRegistry registry() {
    return new WatchRegistry((connection, acl) -> true);
  }

  private static TreeMap<Long, List<String>> taken(WatchRegistry registry) {
    TreeMap<Long, List<String>> heard = new TreeMap<>();
    for (Firing next = registry.takeFiring(); next != null; next = registry.takeFiring()) {
      assertThat(heard).as("one frame a connection").doesNotContainKey(next.connectionId());
      List<String> of = new ArrayList<>();
      next.fired().forEach(fired -> of.add(fired.watchId() + " " + fired));
      heard.put(next.connectionId(), of);
    }
    return heard;
  }

  /**
   * A registry that is cut everywhere and disturbed, beside one that fires in one go: who is not
   * disturbed hears exactly the same, who is gone hears nothing, who came meanwhile hears nothing.
   */
  @Property(tries = 500)
  void slicedFiring_tellsTheSame_whateverComesAndGoesMeanwhile(@ForAll long seed) {
    Random random = new Random(seed);
    WatchRegistry subject = registry();
    WatchRegistry twin = registry();
    TreeMap<Long, Set<Long>> held = new TreeMap<>();
    for (int i = 0; i < 40; i++) {
      long connection = random.nextInt(6);
      long id = random.nextInt(8);
      String path = PATHS.get(random.nextInt(PATHS.size()));
      WatchKind kind = WatchKind.values()[random.nextInt(WatchKind.values().length)];
      subject.add(connection, id, path, kind);
      twin.add(connection, id, path, kind);
      held.computeIfAbsent(connection, key -> new LinkedHashSet<>()).add(id);
    }
    List<ZnodeChange> changes = new ArrayList<>();
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      changes.add(
          new ZnodeChange(
              List.of(NODE_CREATED, NODE_DATA_CHANGED, NODE_DELETED).get(random.nextInt(3)),
              PATHS.get(random.nextInt(PATHS.size())),
              9));
    }
    TreeMap<Long, List<String>> wanted = new TreeMap<>();
    twin.fire(changes)
        .forEach(
            firing -> {
              List<String> of = new ArrayList<>();
              firing.fired().forEach(fired -> of.add(fired.watchId() + " " + fired));
              wanted.put(firing.connectionId(), of);
            });
    Set<Long> dropped = new LinkedHashSet<>();
    TreeMap<Long, Set<Long>> disturbed = new TreeMap<>();
    subject.begin(changes);
    while (subject.fireSome(1 + random.nextInt(3))) {
      long connection = random.nextInt(6);
      long id = random.nextInt(8);
      switch (random.nextInt(12)) {
        case 0 -> {
          subject.dropConnection(connection);
          dropped.add(connection);
        }
        case 1 -> {
          subject.remove(connection, id);
          disturbed.computeIfAbsent(connection, key -> new LinkedHashSet<>()).add(id);
        }
        case 2 -> {
          subject.add(connection, id, "/a", WatchKind.PERSISTENT);
          disturbed.computeIfAbsent(connection, key -> new LinkedHashSet<>()).add(id);
        }
        default -> {}
      }
    }
    dropped.forEach(wanted::remove);
    disturbed.forEach(
        (connection, ids) -> {
          List<String> of = wanted.get(connection);
          if (of != null) {
            of.removeIf(fired -> ids.contains(Long.parseLong(fired.split(" ")[0])));
            if (of.isEmpty()) {
              wanted.remove(connection);
            }
          }
        });
    assertThat(taken(subject)).isEqualTo(wanted);
    for (long connection = 0; connection < 6; connection++) {
      subject.dropConnection(connection);
    }
    assertThat(subject.count() + subject.indexSize()).isZero();
  }

  @Test
  void connectionThatEndsBetweenFiringAndTelling_isNotTold() {
    WatchRegistry registry = registry();
    registry.add(1, 1, "/a", WatchKind.DATA);
    registry.add(2, 1, "/a", WatchKind.DATA);
    registry.begin(List.of(new ZnodeChange(NODE_DELETED, "/a", 9)));
    assertThat(registry.fireSome(100)).isFalse();
    registry.dropConnection(1);
    assertThat(taken(registry)).containsOnlyKeys(2L);
    assertThat(registry.count() + registry.indexSize()).isZero();
  }

  /** Three connections hear of four changes each, and eleven firings are kept at most. */
  @Test
  void entryThatFiresMoreThanIsKept_cutsWhoComesToTheLimit_andTheOthersHearAll() {
    WatchRegistry registry = new WatchRegistry(10, 11, (connection, acl) -> true);
    for (long connection = 1; connection <= 3; connection++) {
      registry.add(connection, 7, "/a", WatchKind.PERSISTENT_RECURSIVE);
    }
    for (int entry = 0; entry < 2; entry++) {
      List<ZnodeChange> changes = new ArrayList<>();
      for (int change = 0; change < 4; change++) {
        changes.add(new ZnodeChange(NODE_CREATED, "/a/" + change, 9));
      }
      List<Firing> firings = registry.fire(changes);
      assertThat(firings).extracting(Firing::cut).containsExactly(false, false, true);
      assertThat(firings).extracting(each -> each.fired().size()).containsExactly(4, 4, 0);
    }
    registry.dropConnection(3);
    List<Firing> fit = registry.fire(List.of(new ZnodeChange(NODE_CREATED, "/a/b", 10)));
    assertThat(fit).extracting(Firing::cut).containsExactly(false, false);
  }

  /** As when the history is replayed for it: alone it may be too much, too. */
  @Test
  void connectionThatHearsMoreThanIsKeptAlone_isCutAndHeldToNothing() {
    WatchRegistry registry = new WatchRegistry(10, 3, (connection, acl) -> true);
    registry.add(1, 7, "/", WatchKind.PERSISTENT_RECURSIVE);
    List<ZnodeChange> four = Collections.nCopies(4, new ZnodeChange(NODE_CREATED, "/a", 9));
    registry.begin(four);
    assertThat(registry.fireSome(100)).isFalse();
    registry.remove(1, 7);
    assertThat(registry.takeFiring()).isEqualTo(new Firing(1, List.of(), true));
    assertThat(registry.takeFiring()).isNull();
  }

  @Test
  void watchesOfAConnectionThatIsGone_leaveInSlicesAndNeverFire() {
    WatchRegistry registry = registry();
    for (long id = 1; id <= 1_000; id++) {
      registry.add(1, id, "/a", WatchKind.PERSISTENT);
    }
    registry.dropConnection(1);
    assertThat(registry.count()).isZero();
    assertThat(registry.fire(List.of(new ZnodeChange(NODE_DATA_CHANGED, "/a", 9)))).isEmpty();
    assertThat(registry.add(1, 5, "/a", WatchKind.PERSISTENT)).as("of another life").isTrue();
    int slices = 1;
    while (registry.dropSome(100)) {
      slices++;
    }
    assertThat(slices).isEqualTo(10);
    assertThat(registry.fire(List.of(new ZnodeChange(NODE_DATA_CHANGED, "/a", 10)))).hasSize(1);
    registry.dropConnection(1);
    assertThat(registry.count() + registry.indexSize()).isZero();
  }

  /** One more than may be replayed makes it a resync; the limit itself does not. */
  @ParameterizedTest
  @CsvSource({"16384, true", "16385, false"})
  void replayOfTooManyFirings_isAResync(int changes, boolean known) {
    ChangeHistory history = new ChangeHistory(new WatchLimits(100_000, 1 << 30));
    for (int zxid = 1; zxid <= changes; zxid++) {
      history.add(zxid, List.of(new ZnodeChange(NODE_DATA_CHANGED, "/a", zxid)));
    }
    WatchReplay replay =
        new WatchReplay(
            history,
            0,
            1,
            List.of(new Registration(7, "/a", WatchKind.PERSISTENT)),
            (connection, acl) -> true);
    while (replay.advance(100)) {
      // in slices
    }
    assertThat(replay.isKnown()).isEqualTo(known);
    if (known) {
      assertThat(replay.missed()).hasSize(changes);
      assertThat(replay.missed()).extracting(Events::zxid).startsWith(1L, 2L, 3L);
      assertThat(replay.left()).hasSize(1);
    }
  }

  /** A multi of 4,096 operations under one recursive watch, four times over the limit in all. */
  @Test
  void replayOfHugeEntries_countsFirings_notEntries() {
    ChangeHistory history = new ChangeHistory(new WatchLimits(100_000, 1 << 30));
    for (int zxid = 1; zxid <= 5; zxid++) {
      history.add(
          zxid, Collections.nCopies(4_096, new ZnodeChange(NODE_DATA_CHANGED, "/a/b", zxid)));
    }
    WatchReplay all = replayOfRoot(history, 0);
    assertThat(all.isKnown()).isFalse();
    WatchReplay four = replayOfRoot(history, 1);
    assertThat(four.isKnown()).isTrue();
    assertThat(four.missed()).hasSize(4).allSatisfy(e -> assertThat(e.fired()).hasSize(4_096));
  }

  private static WatchReplay replayOfRoot(ChangeHistory history, long since) {
    WatchReplay replay =
        new WatchReplay(
            history,
            since,
            1,
            List.of(new Registration(7, "/", WatchKind.PERSISTENT_RECURSIVE)),
            (connection, acl) -> true);
    while (replay.advance(7)) {
      // in slices
    }
    return replay;
  }
}
