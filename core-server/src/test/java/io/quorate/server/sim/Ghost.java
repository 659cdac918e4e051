package io.quorate.server.sim;

import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What no server knows for sure: the committed sequence C, entry by entry, from the moment when a
 * leader first declared it; the state that it means, by the reference model and by a state machine
 * of its own.
 */
final class Ghost {
  private static final String RULE = "Z10 CommittedNeverLost";

  /** An entry and all that its zxid and hash say. */
  private record Key(long zxid, long hash) {}

  private final World world;
  private final List<Machine> machines;
  private final List<Checker> checkers;
  private final Map<Key, LogEntry> known = new HashMap<>();
  private final List<LogEntry> committed = new ArrayList<>();
  private final List<Long> digests = new ArrayList<>();
  private final List<Long> committedAt = new ArrayList<>();
  private final StateMachine shadow = StateMachine.supporting(Machine.VERSION_UPGRADED);
  private final ReferenceModel model = new ReferenceModel();

  Ghost(World world, List<Machine> machines, List<Checker> checkers) {
    this.world = world;
    this.machines = machines;
    this.checkers = checkers;
  }

  /** A server is about to write these entries: their content is known from now on. */
  void saw(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      known.putIfAbsent(new Key(entry.zxid(), entry.chainHash()), entry);
    }
  }

  ReferenceModel model() {
    return model;
  }

  StateMachine shadow() {
    return shadow;
  }

  int size() {
    return committed.size();
  }

  LogEntry entry(int index) {
    return committed.get(index);
  }

  /** True time at which the entry was first declared committed. */
  long committedAtNanos(int index) {
    return committedAt.get(index);
  }

  long lastZxid() {
    return committed.isEmpty() ? 0 : committed.get(committed.size() - 1).zxid();
  }

  long lastHash() {
    return committed.isEmpty() ? 0 : committed.get(committed.size() - 1).chainHash();
  }

  /** Index of the entry with that zxid, or {@code -(insertion point) - 1}. */
  int indexOf(long zxid) {
    int low = 0;
    int high = committed.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long found = committed.get(middle).zxid();
      if (found == zxid) {
        return middle;
      } else if (found < zxid) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }

  /** The entry with that zxid; null if none such is committed. */
  @Nullable LogEntry find(long zxid) {
    int index = indexOf(zxid);
    return index >= 0 ? committed.get(index) : null;
  }

  /** Whether this position is in the committed sequence; 0 with hash 0 is before it. */
  boolean contains(long zxid, long hash) {
    if (zxid == 0) {
      return hash == 0;
    }
    LogEntry entry = find(zxid);
    return entry != null && entry.chainHash() == hash;
  }

  /** Digest of the state after that committed zxid. */
  long digestAt(long zxid) {
    int index = indexOf(zxid);
    return digests.get(index);
  }

  /** Position of the last committed entry of an epoch below {@code epoch}, or null. */
  @Nullable LogEntry lastBelowEpoch(long epoch) {
    int index = indexOf(epoch << 32);
    int at = index >= 0 ? index - 1 : -index - 2;
    return at < 0 ? null : committed.get(at);
  }

  /** Whether {@code log} holds this position of the committed sequence. */
  boolean holds(DurableLog log, long zxid, long hash) {
    EpochBoundary floor = log.floor(zxid);
    if (floor == null) {
      // Purged: the base stands for all before it.
      return contains(log.baseZxid(), log.identifiers().baseHash()) && zxid <= log.baseZxid();
    }
    return floor.lastZxid() == zxid && floor.chainHash() == hash;
  }

  /** The greatest committed zxid that {@code log} holds. */
  long commonWith(DurableLog log) {
    int low = 0;
    int high = committed.size();
    // Holding an entry means holding all before it: search the boundary.
    while (low < high) {
      int middle = (low + high) >>> 1;
      LogEntry entry = committed.get(middle);
      if (holds(log, entry.zxid(), entry.chainHash())) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? 0 : committed.get(low - 1).zxid();
  }

  /** A leader declares everything up to {@code zxid} committed. */
  void declared(Machine leader, long zxid) {
    if (zxid <= lastZxid()) {
      LogEntry entry = zxid == 0 ? null : find(zxid);
      if (zxid != 0 && entry == null) {
        throw new Violation(
            RULE,
            leader.id(),
            String.format(
                "declares 0x%x committed, which the committed sequence passed over", zxid));
      }
      return;
    }
    List<LogEntry> fresh = path(leader, zxid);
    for (LogEntry entry : fresh) {
      requireQuorum(leader, entry);
      add(leader, entry);
    }
  }

  /** The entries after the committed ones up to {@code zxid}, from a log that holds them all. */
  private List<LogEntry> path(Machine leader, long zxid) {
    StringBuilder found = new StringBuilder();
    for (Machine machine : machines) {
      EpochBoundary end = machine.log().floor(zxid);
      found.append(
          String.format(
              " n%d:%x..%x", machine.id(), machine.log().baseZxid(), machine.log().lastZxid()));
      if (end == null || end.lastZxid() != zxid) {
        continue;
      }
      if (quorumHolding(end.lastZxid(), end.chainHash()) < majority()) {
        continue;
      }
      List<LogEntry> path = new ArrayList<>();
      EpochBoundary at = end;
      while (at != null && at.lastZxid() > lastZxid()) {
        LogEntry entry = known.get(new Key(at.lastZxid(), at.chainHash()));
        if (entry == null) {
          break;
        }
        path.add(entry);
        at = machine.log().floor(at.lastZxid() - 1);
      }
      if (at != null && at.lastZxid() == lastZxid() && at.chainHash() == lastHash()) {
        Collections.reverse(path);
        return path;
      }
      if (at != null && at.lastZxid() <= lastZxid()) {
        throw new Violation(
            RULE,
            leader.id(),
            String.format(
                "declares 0x%x committed on a history that lacks committed 0x%x",
                zxid, lastZxid()));
      }
    }
    throw new Violation(
        RULE,
        leader.id(),
        String.format(
            "declares 0x%x committed, but no quorum of %d holds it durably:%s",
            zxid, majority(), found));
  }

  private void requireQuorum(Machine leader, LogEntry entry) {
    int holding = quorumHolding(entry.zxid(), entry.chainHash());
    if (holding < majority()) {
      throw new Violation(
          RULE,
          leader.id(),
          String.format(
              "declares 0x%x committed, durable on %d counted servers of %d needed",
              entry.zxid(), holding, majority()));
    }
  }

  private int quorumHolding(long zxid, long hash) {
    int holding = 0;
    for (Machine machine : machines) {
      // What a lost disk had acknowledged may be counted by a leader that does not know of the
      // loss.
      boolean held = machine.counts() && holds(machine.log(), zxid, hash);
      boolean lost = machine.lostLog() != null && holds(machine.lostLog(), zxid, hash);
      if (machine.isVoter() && (held || lost)) {
        holding++;
      }
    }
    return holding;
  }

  private int majority() {
    int voters = 0;
    for (Machine machine : machines) {
      voters += machine.isVoter() ? 1 : 0;
    }
    return voters / 2 + 1;
  }

  private void add(Machine leader, LogEntry entry) {
    LogEntry last = committed.isEmpty() ? null : committed.get(committed.size() - 1);
    if (!entry.follows(last == null ? 0 : last.chainHash())) {
      throw new Violation(
          "S6 NoGap",
          leader.id(),
          String.format("0x%x does not follow 0x%x by its hash", entry.zxid(), lastZxid()));
    }
    committed.add(entry);
    committedAt.add(world.now());
    world
        .trace()
        .add(
            world.now(),
            Trace.Kind.COMMIT,
            leader.id(),
            entry.zxid(),
            entry.chainHash(),
            describe(entry));
    world.marks().hit(Mark.COMMIT);
    ApplyResult result = null;
    if (entry.kind() == EntryKind.COMMAND) {
      Command command = CommandCodec.decode(entry.payload());
      ReferenceModel.Answer expected = model.apply(entry.zxid(), entry.timeMillis(), command);
      if (command.kind() == Command.Kind.RAISE_VERSION) {
        world.marks().hit(Mark.VERSION_RAISED);
      }
      result = shadow.apply(entry.zxid(), entry.timeMillis(), command);
      compare(leader, entry, command, expected, result);
    } else {
      shadow.advance(entry.zxid(), entry.timeMillis());
      if (entry.kind() == EntryKind.MEMBERSHIP) {
        readmit(Membership.decode(ByteBuffer.wrap(entry.payload())));
      }
    }
    digests.add(shadow.digest());
    for (Checker checker : checkers) {
      checker.committed(leader.id(), entry, result);
    }
  }

  private void readmit(Membership membership) {
    for (Member member : membership.members()) {
      Machine machine = machines.get(member.id() - 1);
      boolean named = machine.incarnation() == member.incarnation();
      if (machine.isVoter() && !machine.counts() && !machine.hasRot() && named) {
        machine.readmitted();
        world.marks().hit(Mark.READMITTED);
      }
    }
  }

  private void compare(
      Machine leader,
      LogEntry entry,
      Command command,
      ReferenceModel.Answer expected,
      ApplyResult found) {
    if (!ReferenceModel.same(expected.result(), found.answer())
        || expected.zxid() != found.answerZxid()
        || !model.lastChanges().equals(found.changes())) {
      throw new Violation(
          "S5 StateEqualsFold",
          leader.id(),
          String.format(
              "0x%x %s: expected %s at 0x%x with %s, found %s at 0x%x with %s",
              entry.zxid(),
              command,
              expected.result(),
              expected.zxid(),
              model.lastChanges(),
              found.answer(),
              found.answerZxid(),
              found.changes()));
    }
  }

  private String describe(LogEntry entry) {
    if (!world.trace().isPrinted()) {
      return "";
    }
    return entry.kind() == EntryKind.COMMAND
        ? CommandCodec.decode(entry.payload()).toString()
        : entry.kind().toString();
  }
}
