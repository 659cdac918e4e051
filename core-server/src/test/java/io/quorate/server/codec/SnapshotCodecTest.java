package io.quorate.server.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.quorate.data.CreateMode;
import io.quorate.data.WriteOp;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.RandomOps;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.statemachine.StateView;
import io.quorate.server.tree.TreeLimits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A snapshot loads into an equal state, wherever it was taken, and nothing else loads. */
class SnapshotCodecTest {
  private static final byte[] SECRET = new byte[32];

  /**
   * Commands of a few sessions over few paths; repeated, gapped and unconfirmed numbers included.
   */
  private static List<Command> commands(long seed, int count) {
    Random random = new Random(seed);
    RandomOps ops = new RandomOps(random);
    StateMachine scratch = new StateMachine();
    List<Command> commands = new ArrayList<>();
    List<long[]> sessions = new ArrayList<>();
    for (int zxid = 1; zxid <= count; zxid++) {
      int dice = random.nextInt(20);
      if (!commands.isEmpty()) {
        apply(scratch, commands.get(commands.size() - 1));
      }
      if (sessions.isEmpty() || dice == 0) {
        commands.add(new Command.OpenSession(1, zxid, SECRET, 1_000 + zxid, "c\ud800" + zxid));
        sessions.add(new long[] {zxid, zxid, 0});
        continue;
      }
      int at = random.nextInt(sessions.size());
      long[] session = sessions.get(at);
      if (dice == 1) {
        commands.add(new Command.ExpireSession(session[0], session[1]));
        sessions.remove(at);
      } else if (dice == 2) {
        commands.add(new Command.AttachSession(1, zxid, session[0], SECRET));
        session[1] = zxid;
      } else if (dice == 4) {
        List<Command.Sweep.Target> due =
            new ArrayList<>(scratch.dueAt(scratch.logTimeMillis() + 2, 4));
        due.addAll(scratch.emptyContainers("", 4, Long.MAX_VALUE).targets());
        commands.add(new Command.Sweep(due));
      } else {
        long number = dice == 3 ? Math.max(1, session[2] - 1) : ++session[2];
        long confirmed = Math.max(0, number - 1 - random.nextInt(8));
        commands.add(
            new Command.Write(
                session[0], session[1], number, confirmed, ops.identities(), ops.next(zxid)));
      }
    }
    return commands;
  }

  private static ApplyResult apply(StateMachine machine, Command command) {
    long zxid = machine.appliedZxid() + 1;
    return machine.apply(zxid, 10_000 + zxid, command);
  }

  private static List<ByteBuffer> snapshot(StateMachine machine) {
    List<ByteBuffer> blocks = new ArrayList<>();
    try (StateView view = machine.view()) {
      SnapshotCodec.blocks(view).forEachRemaining(blocks::add);
    }
    return blocks;
  }

  private static StateMachine load(List<ByteBuffer> blocks) {
    SnapshotLoader loader = new SnapshotLoader();
    blocks.forEach(block -> loader.accept(block.duplicate()));
    return loader.finish();
  }

  @Property(tries = 100)
  void stateLoadedAtAnySplitPoint_goesOnAsIfNothingHappened(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 300) int before,
      @ForAll @IntRange(min = 0, max = 100) int after) {
    List<Command> commands = commands(seed, before + after);
    StateMachine straight = new StateMachine();
    commands.subList(0, before).forEach(command -> apply(straight, command));
    StateMachine loaded = load(snapshot(straight));
    assertThat(loaded.digest()).isEqualTo(straight.digest()).isEqualTo(loaded.digestAnew());
    assertThat(loaded.appliedZxid()).isEqualTo(straight.appliedZxid());
    assertThat(loaded.logTimeMillis()).isEqualTo(straight.logTimeMillis());
    assertThat(lifetimes(loaded)).isEqualTo(lifetimes(straight));
    assertThat(loaded.sessions()).usingRecursiveComparison().isEqualTo(straight.sessions());
    for (Command command : commands.subList(before, before + after)) {
      assertThat(apply(loaded, command))
          .usingRecursiveComparison()
          .isEqualTo(apply(straight, command));
      assertThat(loaded.digest()).isEqualTo(straight.digest());
    }
    assertThat(lifetimes(loaded)).isEqualTo(lifetimes(straight));
    assertThat(bytes(snapshot(loaded))).isEqualTo(bytes(snapshot(straight)));
  }

  /** All that the indexes of what may be deleted know. */
  private static List<Command.Sweep.Target> lifetimes(StateMachine machine) {
    List<Command.Sweep.Target> targets =
        new ArrayList<>(machine.dueAt(Long.MAX_VALUE, Integer.MAX_VALUE));
    targets.addAll(machine.emptyContainers("", Integer.MAX_VALUE, Long.MAX_VALUE).targets());
    return targets;
  }

  @Test
  void viewBeingWritten_isNotTouchedByLaterCommands() {
    List<Command> commands = commands(42, 2_000);
    StateMachine machine = new StateMachine();
    commands.subList(0, 1_000).forEach(command -> apply(machine, command));
    byte[] atOnce = bytes(snapshot(machine));
    ByteArrayOutputStream meanwhile = new ByteArrayOutputStream();
    try (StateView view = machine.view()) {
      commands.subList(1_000, 2_000).forEach(command -> apply(machine, command));
      SnapshotCodec.blocks(view).forEachRemaining(block -> meanwhile.writeBytes(array(block)));
    }
    assertThat(meanwhile.toByteArray()).isEqualTo(atOnce);
  }

  @Test
  void largestZnodesAndDeepPaths_crossTheBordersOfBlocks() {
    StateMachine machine = new StateMachine();
    apply(machine, new Command.OpenSession(1, 1, SECRET, 1_000, "c"));
    byte[] data = new byte[TreeLimits.DATA_BYTES_MAX];
    StringBuilder path = new StringBuilder();
    long number = 0;
    for (int i = 0; i < 4_096; i++) {
      path.append("/d");
      byte[] each = i < 3 ? data : null;
      WriteOp op = new WriteOp.Create(path.toString(), each, CreateMode.PERSISTENT);
      apply(machine, new Command.Write(1, 1, ++number, Math.max(0, number - 100), op));
    }
    assertThat(machine.znodeCount()).isEqualTo(4_100);
    List<ByteBuffer> blocks = snapshot(machine);
    for (ByteBuffer block : blocks.subList(0, blocks.size() - 1)) {
      assertThat(block.remaining()).isEqualTo(SnapshotCodec.BLOCK_BYTES);
    }
    assertThat(load(blocks).digest()).isEqualTo(machine.digest());
    // Blocks of any other size hold the same records.
    byte[] all = bytes(blocks);
    SnapshotLoader loader = new SnapshotLoader();
    for (int at = 0; at < all.length; at += 100_003) {
      loader.accept(ByteBuffer.wrap(all, at, Math.min(100_003, all.length - at)));
    }
    assertThat(loader.finish().digest()).isEqualTo(machine.digest());
  }

  @Test
  void truncatedAndExtendedSnapshots_areRefused() {
    byte[] bytes = small();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIllegalArgumentException().isThrownBy(() -> load(List.of(ByteBuffer.wrap(cut))));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatIllegalArgumentException().isThrownBy(() -> load(List.of(ByteBuffer.wrap(longer))));
  }

  /**
   * Whatever one changed byte says, the state does not load, unless it does not go into the digest.
   */
  @Test
  void changedBytes_areRefused() {
    byte[] bytes = small();
    long digest = load(List.of(ByteBuffer.wrap(bytes))).digest();
    int loaded = 0;
    for (int at = 0; at < bytes.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << bit);
        try {
          assertThat(load(List.of(ByteBuffer.wrap(changed))).digest()).isEqualTo(digest);
          loaded++;
        } catch (IllegalArgumentException e) {
          assertThat(e).hasMessageMatching("(?s).+");
        }
      }
    }
    // The zxid and the log time of the header: 16 bytes, covered by the checksums of the file.
    assertThat(loaded).isEqualTo(16 * 8);
  }

  @Property(tries = 500)
  void randomBytes_areNeverMoreThanRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    byte[] start = small();
    int kept = random.nextInt(start.length);
    byte[] mixed = Arrays.copyOf(start, kept + bytes.length);
    System.arraycopy(bytes, 0, mixed, kept, bytes.length);
    assertThatIllegalArgumentException().isThrownBy(() -> load(List.of(ByteBuffer.wrap(mixed))));
  }

  private static byte[] small() {
    StateMachine machine = new StateMachine();
    commands(7, 25).forEach(command -> apply(machine, command));
    return bytes(snapshot(machine));
  }

  private static byte[] bytes(List<ByteBuffer> blocks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Iterator<ByteBuffer> each = blocks.iterator();
    while (each.hasNext()) {
      out.writeBytes(array(each.next()));
    }
    return out.toByteArray();
  }

  private static byte[] array(ByteBuffer block) {
    byte[] bytes = new byte[block.remaining()];
    block.duplicate().get(bytes);
    return bytes;
  }
}
