package io.quorate.server.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.ZnodeCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Random commands, applied to a state machine and to the twin, with their effects compared. */
final class TwinRun {
  private static final byte[] SECRET_HASH = new byte[32];

  final StateMachine machine = new StateMachine();
  final ReferenceTree twin = new ReferenceTree();
  private final List<Long> sessions = new ArrayList<>();
  private final Map<Long, Long> numbers = new HashMap<>();
  private final Random random;
  private final RandomOps ops;
  private List<Command.Sweep.Target> lastSweep = List.of();
  private long zxid;

  TwinRun(long seed) {
    random = new Random(seed);
    ops = new RandomOps(random);
  }

  /** One more command, with its result and events compared. */
  void step() {
    zxid++;
    long time = 1_000 + zxid * 7;
    int dice = random.nextInt(32);
    if (dice >= 30) {
      sweep(time);
      return;
    }
    if (sessions.isEmpty() || dice == 0) {
      machine.apply(zxid, time, new Command.OpenSession(1, zxid, SECRET_HASH, 5_000, "c" + zxid));
      sessions.add(zxid);
      numbers.put(zxid, 0L);
      return;
    }
    long session = sessions.get(random.nextInt(sessions.size()));
    if (dice == 1) {
      ApplyResult ended = machine.apply(zxid, time, new Command.CloseSession(session, session));
      twin.endSession(session, zxid);
      sessions.remove(session);
      assertThat(ended.answer()).isEqualTo(new OpResult.Done());
      assertThat(ended.changes()).isEqualTo(twin.events);
      return;
    }
    long number = numbers.merge(session, 1L, Long::sum);
    WriteOp op = ops.next(zxid);
    long confirmed = Math.max(0, number - 1 - random.nextInt(5));
    List<Identity> who = ops.identities();
    ApplyResult applied =
        machine.apply(zxid, time, new Command.Write(session, session, number, confirmed, who, op));
    OpResult wanted = twin.apply(op, session, who, zxid, time);
    assertThat(ReferenceTree.text(applied.answer()))
        .as("%s", op)
        .isEqualTo(ReferenceTree.text(wanted));
    if (random.nextInt(4) == 0) {
      ReadOp read = ops.read();
      assertThat(ReferenceTree.text(machine.read(read, new Caller(session, who))))
          .as("%s", read)
          .isEqualTo(ReferenceTree.text(twin.read(read, who, session)));
    }
    assertThat(applied.answerZxid()).isEqualTo(zxid);
    assertThat(applied.changes()).as("%s", op).isEqualTo(twin.events);
  }

  /** What is due by the indexes, and some that changed since the leader looked, or never was. */
  private void sweep(long time) {
    List<Command.Sweep.Target> targets = new ArrayList<>(machine.dueAt(time, 5));
    targets.addAll(machine.emptyContainers("", 3, time - 50).targets());
    List<String> paths = new ArrayList<>(twin.nodes.keySet());
    ZnodeStat any = twin.stat(paths.get(random.nextInt(paths.size())));
    targets.add(
        new Command.Sweep.Target(
            paths.get(random.nextInt(paths.size())), any.czxid(), any.mzxid(), any.cversion()));
    targets.addAll(lastSweep);
    lastSweep = List.copyOf(targets.subList(0, Math.min(2, targets.size())));
    ApplyResult swept = machine.apply(zxid, time, new Command.Sweep(targets));
    twin.sweep(targets, zxid, time);
    assertThat(swept.changes()).isEqualTo(twin.events);
  }

  private void compareLifetimes() {
    for (long time : new long[] {0, logTime() - 100, logTime(), logTime() + 150, Long.MAX_VALUE}) {
      assertThat(machine.dueAt(time, 10_000))
          .extracting(Command.Sweep.Target::path)
          .isEqualTo(twin.dueAt(time));
    }
    List<String> containers = new ArrayList<>();
    StateMachine.ContainerScan scan;
    String after = "";
    do {
      scan = machine.emptyContainers(after, 2, Long.MAX_VALUE);
      scan.targets().forEach(target -> containers.add(target.path()));
      after = scan.nextAfter();
    } while (!after.isEmpty());
    assertThat(containers).isEqualTo(twin.emptyContainers());
  }

  private long logTime() {
    return machine.logTimeMillis();
  }

  void compareDigest() {
    assertThat(machine.digest()).isEqualTo(machine.digestAnew());
  }

  /** Everything that can be read. */
  void compareAll() {
    compareDigest();
    compareLifetimes();
    assertThat(machine.znodeCount()).isEqualTo(twin.nodes.size());
    try (StateView view = machine.view()) {
      assertThat(image(view)).isEqualTo(ReferenceTree.image(twin));
    }
    for (String path : twin.nodes.keySet()) {
      assertThat(machine.read(new ReadOp.Exists(path)))
          .isEqualTo(new OpResult.Existence(twin.stat(path)));
      assertThat(machine.read(new ReadOp.Children(path, "", 1_000)))
          .isEqualTo(new OpResult.ChildNames(twin.children(path), false, twin.stat(path)));
      String below = path.equals("/") ? "/" : path + "/";
      assertThat(machine.descendants(path))
          .isEqualTo(
              twin.nodes.keySet().stream()
                  .filter(other -> other.startsWith(below) && !other.equals(path))
                  .count());
    }
    for (long session : sessions) {
      assertThat(machine.ephemerals(session)).isEqualTo(twin.ephemerals(session));
    }
  }

  static Map<String, Object> image(StateView view) {
    Map<String, Object> image = new TreeMap<>();
    for (ZnodeCursor cursor = view.znodes(); cursor.next(); ) {
      byte[] data = cursor.data();
      Object shown = data == null ? "null" : List.of(ReferenceTree.hex(data));
      image.put(cursor.path(), List.of(cursor.stat(), shown, cursor.terms().acl()));
    }
    return image;
  }

  static List<String> sessionImages(StateView view) {
    List<String> images = new ArrayList<>();
    view.sessions()
        .forEachRemaining(
            image -> {
              StringBuilder answers = new StringBuilder();
              image
                  .answers()
                  .forEach(answer -> answers.append(ReferenceTree.hex(answer)).append(' '));
              images.add(
                  image.id()
                      + "/"
                      + image.lastNumber()
                      + "/"
                      + image.confirmedUpTo()
                      + ":"
                      + answers);
            });
    return images;
  }
}
