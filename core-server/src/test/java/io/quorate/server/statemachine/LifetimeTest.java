package io.quorate.server.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Containers, times to live and expiries: when they are due, and what a sweep leaves alone. */
class LifetimeTest {
  private final Subject subject = new Subject();

  private ZnodeStat create(String path, CreateMode mode, long ttl, long expireAfter) {
    OpResult made =
        subject.write(new WriteOp.Create(path, new byte[1], mode, Acl.OPEN, ttl, expireAfter));
    return ((OpResult.Created) made).stat();
  }

  private List<String> due(long time) {
    return subject.machine.dueAt(time, 100).stream().map(Command.Sweep.Target::path).toList();
  }

  private Command.Sweep.Target target(String path) {
    ZnodeStat stat = subject.stat(path);
    return new Command.Sweep.Target(path, stat.czxid(), stat.mzxid(), stat.cversion());
  }

  /** An entry of the leader at that time. */
  private List<ZnodeChange> sweep(long time, Command.Sweep.Target... targets) {
    ApplyResult swept =
        subject.machine.apply(subject.zxid() + 1, time, new Command.Sweep(List.of(targets)));
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
    return swept.changes();
  }

  @Test
  void expiry_isInLogTimeFromItsEntryOn_andCanBeRenewedAndTaken() {
    long start = create("/x", CreateMode.PERSISTENT, 0, 100).ctimeMillis();
    assertThat(subject.stat("/x").expiresAtMillis()).isEqualTo(start + 100);
    assertThat(due(start + 99)).isEmpty();
    assertThat(due(start + 100)).containsExactly("/x");
    ZnodeStat before = subject.stat("/x");
    OpResult renewed = subject.write(new WriteOp.SetExpiry("/x", 100));
    assertThat(subject.last.changes()).isEmpty();
    assertThat(((OpResult.ExpirySet) renewed).stat().expiresAtMillis()).isEqualTo(start + 101);
    assertThat(subject.stat("/x").version()).isEqualTo(before.version());
    assertThat(subject.stat("/x").mzxid()).isEqualTo(before.mzxid());
    assertThat(due(start + 100)).isEmpty();
    subject.write(new WriteOp.SetExpiry("/x", 0));
    assertThat(due(Long.MAX_VALUE)).isEmpty();
    assertThat(subject.stat("/x").expiresAtMillis()).isZero();
  }

  @Test
  void timeToLive_countsFromTheLastChangeOfData() {
    long start = create("/t", CreateMode.PERSISTENT_TTL, 100, 0).ctimeMillis();
    assertThat(due(start + 100)).containsExactly("/t");
    subject.write(new WriteOp.SetData("/t", null, -1));
    assertThat(due(start + 100)).isEmpty();
    assertThat(due(start + 101)).containsExactly("/t");
  }

  @Test
  void earlierOfBoth_counts() {
    long start = create("/t", CreateMode.PERSISTENT_TTL, 100, 50).ctimeMillis();
    assertThat(subject.stat("/t").expiresAtMillis()).isEqualTo(start + 50);
    subject.write(new WriteOp.SetExpiry("/t", 500));
    assertThat(subject.stat("/t").expiresAtMillis()).isEqualTo(start + 100);
  }

  @Test
  void znodeWithChildren_isNotDueUntilTheLastIsGone() {
    long start = create("/x", CreateMode.PERSISTENT, 0, 100).ctimeMillis();
    subject.create("/x/kid");
    assertThat(due(Long.MAX_VALUE)).isEmpty();
    assertThat(sweep(start + 500, target("/x"))).isEmpty();
    subject.write(new WriteOp.Delete("/x/kid", -1));
    assertThat(due(start + 100)).containsExactly("/x");
  }

  @Test
  void sweep_deletesLikeADelete() {
    subject.create("/p");
    long start = create("/p/x", CreateMode.EPHEMERAL, 0, 100).ctimeMillis();
    List<ZnodeChange> changes = sweep(start + 100, target("/p/x"));
    long zxid = subject.zxid();
    assertThat(changes)
        .containsExactly(
            new ZnodeChange(WatchEvent.Type.NODE_DELETED, "/p/x", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/p", zxid));
    assertThat(subject.stat("/p").cversion()).isEqualTo(2);
    assertThat(subject.stat("/p").pzxid()).isEqualTo(zxid);
    assertThat(subject.machine.ephemerals(subject.session)).isEmpty();
    assertThat(due(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void sweep_leavesAloneWhatIsNotWhatTheLeaderSaw() {
    long start = create("/x", CreateMode.PERSISTENT, 0, 100).ctimeMillis();
    Command.Sweep.Target seen = target("/x");
    assertThat(sweep(start + 99, seen)).as("not due at the time of the entry").isEmpty();
    subject.write(new WriteOp.SetExpiry("/x", 1_000));
    assertThat(sweep(start + 300, seen)).as("renewed").isEmpty();
    subject.write(new WriteOp.SetExpiry("/x", 1));
    subject.write(new WriteOp.SetData("/x", null, -1));
    assertThat(sweep(start + 5_000, seen)).as("other data").isEmpty();
    Command.Sweep.Target changed = target("/x");
    subject.create("/x/kid");
    subject.write(new WriteOp.Delete("/x/kid", -1));
    assertThat(sweep(start + 5_000, changed)).as("had a child since").isEmpty();
    Command.Sweep.Target emptied = target("/x");
    subject.write(new WriteOp.Delete("/x", -1));
    create("/x", CreateMode.PERSISTENT, 0, 1);
    assertThat(sweep(start + 9_000, emptied)).as("another life").isEmpty();
    assertThat(sweep(start + 9_000, target("/x"), target("/x"))).hasSize(2);
    assertThat(subject.stat("/x")).isNull();
  }

  @Test
  void sweepOfWhatHasNoEnd_deletesNothing() {
    subject.create("/plain");
    assertThat(
            sweep(
                Long.MAX_VALUE,
                target("/plain"),
                target("/"),
                target("/zookeeper/config"),
                new Command.Sweep.Target("/none", 0, 0, 0),
                new Command.Sweep.Target("no path", 0, 0, 0)))
        .isEmpty();
    assertThat(subject.stat("/plain")).isNotNull();
  }

  @Test
  void container_isFoundOnceItsLastChildIsGone_andUnusedOnesLater() {
    long start = create("/c", CreateMode.CONTAINER, 0, 0).ctimeMillis();
    assertThat(containers(start)).as("never used, and young").isEmpty();
    assertThat(containers(start + 1)).containsExactly("/c");
    subject.create("/c/kid");
    assertThat(containers(Long.MAX_VALUE)).isEmpty();
    subject.write(new WriteOp.Delete("/c/kid", -1));
    assertThat(containers(0)).containsExactly("/c");
    assertThat(sweep(start + 50, target("/c"))).hasSize(2);
    assertThat(containers(Long.MAX_VALUE)).isEmpty();
  }

  @Test
  void containersThatEmptyEachOther_goOneAfterTheOther() {
    create("/c", CreateMode.CONTAINER, 0, 0);
    create("/c/c", CreateMode.CONTAINER, 0, 0);
    assertThat(containers(Long.MAX_VALUE)).containsExactly("/c/c");
    sweep(5_000_000, target("/c/c"));
    assertThat(containers(0)).containsExactly("/c");
  }

  @Test
  void sessionEnd_takesItsEphemeralsOutOfTheIndexes() {
    create("/c", CreateMode.CONTAINER, 0, 0);
    create("/c/e", CreateMode.EPHEMERAL, 0, 100);
    subject.entry(new Command.CloseSession(subject.session, subject.session));
    assertThat(due(Long.MAX_VALUE)).isEmpty();
    assertThat(containers(0)).containsExactly("/c");
  }

  @Test
  void containers_arePagedInPathOrder() {
    for (String name : List.of("b", "a", "c")) {
      create("/" + name, CreateMode.CONTAINER, 0, 0);
    }
    StateMachine.ContainerScan first = subject.machine.emptyContainers("", 2, Long.MAX_VALUE);
    assertThat(first.targets()).extracting(Command.Sweep.Target::path).containsExactly("/a", "/b");
    assertThat(first.nextAfter()).isEqualTo("/b");
    StateMachine.ContainerScan second = subject.machine.emptyContainers("/b", 2, Long.MAX_VALUE);
    assertThat(second.targets()).extracting(Command.Sweep.Target::path).containsExactly("/c");
    assertThat(second.nextAfter()).isEmpty();
  }

  private List<String> containers(long unusedBefore) {
    return subject.machine.emptyContainers("", 100, unusedBefore).targets().stream()
        .map(Command.Sweep.Target::path)
        .toList();
  }
}
