package io.quorate.server.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.quorate.server.replication.DiskSpace;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.SnapshotFile;
import io.quorate.server.replication.StagedSnapshot;
import io.quorate.server.replication.StateDigest;
import io.quorate.server.replication.SyncPlan;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: every message survives the wire, and nothing else is taken for one. */
class PeerMessageCodecTest {
  private static final long SEED = 20240607;

  static List<Message> messages() {
    Membership membership =
        new Membership(
            7L << 32,
            List.of(
                new Member(1, true, 0x1234_5678_9ABC_DEF0L, "alpha.example", 2888),
                new Member(255, false, -1, "", 65535)));
    LogEntry first = LogEntry.following(5, 1L << 32, 99, EntryKind.EPOCH, new byte[] {1, 2, 3});
    LogEntry second =
        LogEntry.following(first.chainHash(), (1L << 32) + 1, 100, EntryKind.COMMAND, new byte[0]);
    return List.of(
        new Message.Hello(-5, 6, true, 7, membership),
        new Message.FoundingOffer(11, membership.at(0)),
        new Message.FoundingGrant(11, Long.MIN_VALUE),
        new Message.PreVote(3, true, 1L << 32),
        new Message.PreVoteReply(3, false, 4, 5),
        new Message.VoteRequest(9, (8L << 32) + 5, true),
        new Message.VoteReply(9, true, 10, 11),
        new Message.NewLeader(12),
        new Message.EpochRefused(12, 13, 14),
        new Message.Position(1, 2, 3, 4, 5, 6, List.of(new EpochBoundary(7, 8))),
        new Message.Position(1, 2, 3, 4, 5, 6, List.of()),
        new Message.Position(
            1,
            2,
            3,
            4,
            5,
            6,
            List.of(),
            new StagedSnapshot(new SnapshotFile(9, 500, -7), 500, true, 10, 11)),
        new Message.Position(
            1,
            2,
            3,
            4,
            5,
            6,
            List.of(),
            new StagedSnapshot(new SnapshotFile(9, 500, -7), 499, false, 9, 11)),
        new Message.Synchronize(1, 2, new SyncPlan(SyncPlan.Kind.SNAP, 3, 4), true),
        new Message.Synchronize(1, 2, new SyncPlan(SyncPlan.Kind.TRUNC_DIFF, 3, 4)),
        new Message.SnapshotChunk(1, 2, 3, 400, -5, new byte[] {9, 8, 7}),
        new Message.SnapshotAck(1, 2, 3, true),
        new Message.Append(1, 2, 3, 4, 5, List.of(first, second)),
        new Message.Append(1, 2, 3, 4, 5, List.of()),
        new Message.Heartbeat(1, 2, 3, 4, 5),
        new Message.Ack(1, 2, 3, 4, 5, 6),
        new Message.Forward(1, List.of(new byte[] {1}, new byte[0])),
        new Message.ConfirmRequest(1, 2, List.of(3L, -4L)),
        new Message.ConfirmReply(1, 2, 3),
        new Message.DigestQuestion(1, 2, 3, new StateDigest(4, 5, -6), 7),
        new Message.DigestAnswer(1, 2, 3, new StateDigest(4, 5, -6), 7, true),
        new Message.DiskReport(new DiskSpace(DiskSpace.Level.SCARCE, 3)),
        new Message.WriteRoom(1, new DiskSpace(DiskSpace.Level.LOW, 1L << 40)),
        new Message.SteppingDown(7));
  }

  @Test
  void messages_coverEveryKind() {
    Set<Message.Kind> kinds = EnumSet.noneOf(Message.Kind.class);
    for (Message message : messages()) {
      kinds.add(message.kind());
    }
    assertThat(kinds).containsExactlyInAnyOrder(Message.Kind.values());
  }

  /** Arrays inside records have no equality, so the bytes are compared. */
  @ParameterizedTest
  @MethodSource("messages")
  void message_survivesTheWire(Message message) {
    byte[] bytes = PeerMessageCodec.encode(message);
    Message decoded = PeerMessageCodec.decode(bytes);
    assertThat(decoded.kind()).isEqualTo(message.kind());
    assertThat(PeerMessageCodec.encode(decoded)).isEqualTo(bytes);
    assertThat(decoded.toString().replaceAll("\\[B@\\w+", ""))
        .isEqualTo(message.toString().replaceAll("\\[B@\\w+", ""));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyTruncation_isRefused(Message message) {
    byte[] bytes = PeerMessageCodec.encode(message);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> PeerMessageCodec.decode(cut))
          .as("%s cut to %s of %s bytes", message.kind(), length, bytes.length)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void bytesLeftOver_areRefused(Message message) {
    byte[] bytes = PeerMessageCodec.encode(message);
    assertThatThrownBy(() -> PeerMessageCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void countBeyondTheBytes_isRefusedBeforeAnythingIsAllocated() {
    byte[] bytes = PeerMessageCodec.encode(new Message.Forward(1, List.of()));
    Arrays.fill(bytes, bytes.length - 4, bytes.length, (byte) 0x7F);
    assertThatThrownBy(() -> PeerMessageCodec.decode(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("count");
  }

  /** Method: valid messages with random bytes changed, and bytes that are random throughout. */
  @Test
  void randomBytes_areDecodedOrRefused() {
    Random random = new Random(SEED);
    List<Message> messages = messages();
    int refused = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] bytes;
      if (i % 2 == 0) {
        bytes = new byte[random.nextInt(80)];
        random.nextBytes(bytes);
      } else {
        bytes = PeerMessageCodec.encode(messages.get(random.nextInt(messages.size())));
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Throwable thrown = catchThrowable(() -> PeerMessageCodec.decode(bytes));
      if (thrown != null) {
        assertThat(thrown).isInstanceOf(IllegalArgumentException.class);
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
