package io.quorate.server.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Zxid;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Goal: what a follower does with each message of its leader, effect by effect. */
class FollowerTest {
  private static final long CLUSTER = 77;
  private static final long INCARNATION = 22;
  private static final int LEADER = 1;
  private static final Membership MEMBERSHIP =
      new Membership(
          Zxid.of(1, 0),
          List.of(
              new Member(1, true, 11, "a", 1),
              new Member(2, true, INCARNATION, "b", 2),
              new Member(3, true, 33, "c", 3)));

  private final List<LogEntry> history = new ArrayList<>();
  private final Replica replica =
      new Replica(ReplicaConfig.defaults(2, MEMBERSHIP), new TestEnsemble.SeededRandom(1));
  private long now;

  /** (1,0) (1,1) (1,2) on disk; epoch 2 promised. */
  private Message.Position following() {
    history.add(
        entry(0, Zxid.of(1, 0), EntryKind.EPOCH, new EpochRecord(CLUSTER, 1, null).encode()));
    addCommand(Zxid.of(1, 1));
    addCommand(Zxid.of(1, 2));
    LogIdentifiers ids = new LogIdentifiers(0, 0);
    for (LogEntry entry : history) {
      ids.append(entry.zxid(), entry.chainHash());
    }
    Promise promise = new Promise(CLUSTER, INCARNATION, 2, 0, MEMBERSHIP);
    step(new Input.Start(new Recovered(promise, null, ids, List.of())));
    step(new Input.PeerUp(LEADER));
    receive(new Message.Hello(CLUSTER, 11, true, 2, MEMBERSHIP));
    List<Effect> effects = receive(new Message.NewLeader(2));
    return (Message.Position) ((Effect.Send) effects.get(0)).message();
  }

  private void addCommand(long zxid) {
    history.add(entry(last().chainHash(), zxid, EntryKind.COMMAND, new byte[] {1}));
  }

  private LogEntry last() {
    return history.get(history.size() - 1);
  }

  private static LogEntry entry(long hash, long zxid, EntryKind kind, byte[] payload) {
    return LogEntry.following(hash, zxid, 5, kind, payload);
  }

  private List<Effect> step(Input input) {
    now++;
    return replica.step(input, now, now);
  }

  private List<Effect> receive(Message message) {
    return step(new Input.Receive(LEADER, message));
  }

  private List<Effect> synchronize(Message.Position position, SyncPlan.Kind kind, LogEntry at) {
    return receive(
        new Message.Synchronize(
            2, position.syncId(), new SyncPlan(kind, at.zxid(), at.chainHash())));
  }

  private LogEntry epochRecordAfter(LogEntry previous) {
    return entry(
        previous.chainHash(),
        Zxid.of(2, 0),
        EntryKind.EPOCH,
        new EpochRecord(CLUSTER, 1, null).encode());
  }

  private static Message.Append append(
      Message.Position position, LogEntry previous, long commit, LogEntry... entries) {
    return new Message.Append(
        2, position.syncId(), previous.zxid(), previous.chainHash(), commit, List.of(entries));
  }

  private static Effect ack(Message.Position position, long durable, long received) {
    return new Effect.Send(
        LEADER, new Message.Ack(2, position.syncId(), INCARNATION, 0, durable, received));
  }

  @Test
  void newLeader_positionIsWhatIsDurable() {
    Message.Position position = following();
    assertThat(position.epoch()).isEqualTo(2);
    assertThat(position.incarnation()).isEqualTo(INCARNATION);
    assertThat(position.lastZxid()).isEqualTo(Zxid.of(1, 2));
    assertThat(position.lastHash()).isEqualTo(last().chainHash());
    assertThat(position.boundaries())
        .containsExactly(new EpochBoundary(Zxid.of(1, 2), last().chainHash()));
  }

  @Test
  void append_isAcknowledgedAfterItIsDurableAndNotBefore() {
    Message.Position position = following();
    assertThat(synchronize(position, SyncPlan.Kind.DIFF, last()))
        .containsExactly(ack(position, Zxid.of(1, 2), Zxid.of(1, 2)));
    LogEntry record = epochRecordAfter(last());
    List<Effect> appended = receive(append(position, last(), Zxid.of(2, 0), record));
    assertThat(appended).hasSize(2);
    Effect.Append write = (Effect.Append) appended.get(0);
    assertThat(write.entries()).containsExactly(record);
    // The old entries are committed as far as they are durable here; the record is not durable.
    assertThat(appended.get(1)).isInstanceOf(Effect.ReadLog.class);
    assertThat(replica.status().committedZxid()).isEqualTo(Zxid.of(1, 2));
    assertThat(replica.status().serving()).isFalse();
    List<Effect> durable = step(new Input.Appended(write.generation(), record.zxid()));
    assertThat(durable).contains(ack(position, Zxid.of(2, 0), Zxid.of(2, 0)));
    assertThat(replica.status().serving()).isTrue();
  }

  @Test
  void cut_isCheckedByHashAndWritten() {
    Message.Position position = following();
    List<Effect> effects = synchronize(position, SyncPlan.Kind.TRUNC_DIFF, history.get(1));
    Effect.Truncate cut = (Effect.Truncate) effects.get(0);
    assertThat(cut.afterZxid()).isEqualTo(Zxid.of(1, 1));
    assertThat(effects.get(1)).isEqualTo(ack(position, Zxid.of(1, 1), Zxid.of(1, 1)));
  }

  @Test
  void cutWithAnotherHash_halts() {
    Message.Position position = following();
    LogEntry other = entry(9, Zxid.of(1, 1), EntryKind.COMMAND, new byte[] {9});
    assertThat(synchronize(position, SyncPlan.Kind.TRUNC, other))
        .hasSize(1)
        .allSatisfy(
            effect ->
                assertThat(((Effect.Halt) effect).reason())
                    .contains("not in its log with that hash"));
  }

  @Test
  void cutBelowWhatIsCommitted_halts() {
    Message.Position position = following();
    synchronize(position, SyncPlan.Kind.DIFF, last());
    receive(append(position, last(), Zxid.of(1, 2)));
    // The leader loses track and asks again; then it wants what is committed to be cut.
    Message.Position again =
        (Message.Position) ((Effect.Send) receive(new Message.NewLeader(2)).get(0)).message();
    assertThat(again.floorZxid()).isEqualTo(Zxid.of(1, 2));
    List<Effect> effects = synchronize(again, SyncPlan.Kind.TRUNC_DIFF, history.get(1));
    assertThat(((Effect.Halt) effects.get(0)).reason()).contains("below what is committed");
  }

  @Test
  void gap_isAnsweredByANewPosition() {
    Message.Position position = following();
    synchronize(position, SyncPlan.Kind.DIFF, last());
    LogEntry missed = epochRecordAfter(last());
    LogEntry next = entry(missed.chainHash(), Zxid.of(2, 1), EntryKind.COMMAND, new byte[] {2});
    List<Effect> effects = receive(append(position, missed, 0, next));
    Message.Position anew = (Message.Position) ((Effect.Send) effects.get(0)).message();
    assertThat(anew.syncId()).isNotEqualTo(position.syncId());
    assertThat(anew.lastZxid()).isEqualTo(Zxid.of(1, 2));
    // What belongs to the old synchronization is dropped from now on.
    assertThat(receive(append(position, last(), 0, missed))).isEmpty();
    assertThat(replica.dropped(DropReason.OLD_SYNC)).isEqualTo(1);
  }

  @Test
  void ownWritesUnderWay_positionWaitsForThem() {
    Message.Position position = following();
    synchronize(position, SyncPlan.Kind.DIFF, last());
    LogEntry record = epochRecordAfter(last());
    Effect.Append write = (Effect.Append) receive(append(position, last(), 0, record)).get(0);
    assertThat(receive(new Message.NewLeader(2)))
        .noneMatch(
            effect ->
                effect instanceof Effect.Send send && send.message() instanceof Message.Position);
    List<Effect> effects = step(new Input.Appended(write.generation(), record.zxid()));
    assertThat(effects)
        .noneMatch(
            effect -> effect instanceof Effect.Send send && send.message() instanceof Message.Ack);
    Message.Position anew = (Message.Position) ((Effect.Send) effects.get(0)).message();
    assertThat(anew.lastZxid()).isEqualTo(Zxid.of(2, 0));
  }

  @Test
  void lowerEpoch_isRefusedWithThePromise() {
    following();
    assertThat(receive(new Message.NewLeader(1)))
        .containsExactly(new Effect.Send(LEADER, new Message.EpochRefused(1, 2, INCARNATION)));
  }

  @Test
  void otherCandidate_isRefusedWhileTheLeaderIsHeard() {
    following();
    step(new Input.PeerUp(3));
    step(new Input.Receive(3, new Message.Hello(CLUSTER, 33, true, 2, MEMBERSHIP)));
    assertThat(step(new Input.Receive(3, new Message.VoteRequest(9, Zxid.of(1, 9), false))))
        .containsExactly(new Effect.Send(3, new Message.VoteReply(9, false, 2, INCARNATION)));
    assertThat(step(new Input.Receive(3, new Message.PreVote(1, false, Zxid.of(1, 9)))))
        .containsExactly(new Effect.Send(3, new Message.PreVoteReply(1, false, 2, INCARNATION)));
  }
}
