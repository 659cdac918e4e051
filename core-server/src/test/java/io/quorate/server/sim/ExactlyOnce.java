package io.quorate.server.sim;

import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * M2, S1, S3: every acknowledged create happened exactly once, at the zxid acknowledged; every
 * other at most once, and never if it was definitely refused; the versions of the counters lie
 * between the acknowledged and the sent sets.
 */
final class ExactlyOnce extends Checker {
  private final Ghost ghost;
  private final TreeMap<String, List<Long>> created = new TreeMap<>();
  private final List<Call> creates = new ArrayList<>();
  private final TreeMap<String, long[]> sets = new TreeMap<>();

  ExactlyOnce(Ghost ghost) {
    super("M2");
    this.ghost = ghost;
  }

  @Override
  void committed(int leader, LogEntry entry, ApplyResult result) {
    if (result == null || !(result.answer() instanceof OpResult.Created)) {
      return;
    }
    if (result.answerZxid() == entry.zxid()
        && CommandCodec.decode(entry.payload()) instanceof Command.Write write
        && write.op() instanceof WriteOp.Create create
        && create.data() != null) {
      String tag = new String(create.data(), StandardCharsets.UTF_8);
      created.computeIfAbsent(tag, key -> new ArrayList<>()).add(entry.zxid());
      require(
          created.get(tag).size() == 1,
          leader,
          "the create of " + tag + " happened at " + created.get(tag));
    }
  }

  @Override
  void called(SimClient client, Call call) {
    if (call.write instanceof WriteOp.Create) {
      creates.add(call);
    }
    count(call, 0);
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome == Call.Outcome.ANSWERED && call.result instanceof OpResult.DataSet) {
      count(call, 1);
    }
  }

  private void count(Call call, int which) {
    if (call.write instanceof WriteOp.SetData set
        && set.path().startsWith(Workload.COUNTERS + "/")
        && set.expectedVersion() == WriteOp.ANY_VERSION) {
      sets.computeIfAbsent(set.path(), key -> new long[2])[which]++;
    }
  }

  @Override
  void ended(Simulation simulation) {
    for (Call call : creates) {
      WriteOp.Create create = (WriteOp.Create) call.write;
      String tag = new String(create.data(), StandardCharsets.UTF_8);
      List<Long> at = created.getOrDefault(tag, List.of());
      boolean acknowledged =
          call.outcome == Call.Outcome.ANSWERED && call.result instanceof OpResult.Created;
      boolean refused =
          call.outcome == Call.Outcome.NOT_APPLIED
              || (call.outcome == Call.Outcome.ANSWERED && !acknowledged);
      require(
          !acknowledged || at.equals(List.of(call.zxid)),
          0,
          String.format("%s was acknowledged at 0x%x, happened at %s", tag, call.zxid, at));
      require(!refused || at.isEmpty(), 0, tag + " was refused, happened at " + at);
    }
    for (Map.Entry<String, long[]> entry : sets.entrySet()) {
      ReferenceModel.Znode znode = ghost.model().znodeAt(entry.getKey(), ghost.lastZxid());
      long version = znode == null ? 0 : znode.version();
      long acknowledged = entry.getValue()[1];
      long sent = entry.getValue()[0];
      require(
          version >= acknowledged && version <= sent,
          0,
          String.format(
              "%s has version %d, with %d acknowledged sets of %d sent",
              entry.getKey(), version, acknowledged, sent));
    }
  }
}
