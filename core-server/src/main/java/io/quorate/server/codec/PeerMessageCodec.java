package io.quorate.server.codec;

import io.quorate.server.base.Invariant;
import io.quorate.server.replication.DiskSpace;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Message;
import io.quorate.server.replication.SnapshotFile;
import io.quorate.server.replication.StagedSnapshot;
import io.quorate.server.replication.StateDigest;
import io.quorate.server.replication.SyncPlan;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages between servers as bytes, big-endian.
 *
 * <pre>
 *   0      1
 *   | type | fields in the order of the record |
 *
 *   boolean, kind         1 byte
 *   offset, zxid, ...     8 bytes
 *   list                  count 4, elements
 *   bytes                 length 4, bytes
 *   log entry             zxid 8, chain hash 8, time 8, kind 1, payload as bytes
 *   boundary              zxid 8, chain hash 8
 *   staged snapshot       zxid 8, length 8, checksum 4, offset 8, sealed 1, last zxid 8, hash 8
 *   state                 zxid 8, version 4, digest 8
 *   membership            as {@link Membership#encode} writes it
 * </pre>
 *
 * <p>A decoder takes nothing for granted: counts and lengths are compared with the bytes that are
 * left before anything is allocated, and bytes left over are refused. Stateless.
 */
public final class PeerMessageCodec {
  private static final int HELLO = 1;
  private static final int FOUNDING_OFFER = 2;
  private static final int FOUNDING_GRANT = 3;
  private static final int PRE_VOTE = 4;
  private static final int PRE_VOTE_REPLY = 5;
  private static final int VOTE_REQUEST = 6;
  private static final int VOTE_REPLY = 7;
  private static final int NEW_LEADER = 8;
  private static final int EPOCH_REFUSED = 9;
  private static final int POSITION = 10;
  private static final int SYNCHRONIZE = 11;
  private static final int SNAPSHOT_CHUNK = 12;
  private static final int SNAPSHOT_ACK = 13;
  private static final int APPEND = 14;
  private static final int HEARTBEAT = 15;
  private static final int ACK = 16;
  private static final int FORWARD = 17;
  private static final int CONFIRM_REQUEST = 18;
  private static final int CONFIRM_REPLY = 19;
  private static final int DIGEST_QUESTION = 20;
  private static final int DIGEST_ANSWER = 21;
  private static final int DISK_REPORT = 22;
  private static final int WRITE_ROOM = 23;
  private static final int STEPPING_DOWN = 24;

  private static final int TYPE_BYTES = 1;
  private static final int COUNT_BYTES = 4;
  private static final int LONG_BYTES = 8;
  private static final int BOUNDARY_BYTES = 16;
  private static final int STAGED_BYTES = 5 * LONG_BYTES + COUNT_BYTES + 1;
  private static final int STATE_BYTES = 20;
  private static final int ENTRY_BYTES_MIN = 29;

  private PeerMessageCodec() {}

  /** The message as bytes; its length is exact. */
  public static byte[] encode(Message message) {
    if (message instanceof Message.Append m) {
      return append(m);
    } else if (message instanceof Message.Ack m) {
      ByteBuffer out = start(ACK, 6 * LONG_BYTES).putLong(m.epoch()).putLong(m.syncId());
      out.putLong(m.incarnation()).putLong(m.round());
      return bytes(out.putLong(m.durableZxid()).putLong(m.receivedZxid()));
    } else if (message instanceof Message.Heartbeat m) {
      ByteBuffer out = start(HEARTBEAT, 5 * LONG_BYTES).putLong(m.epoch()).putLong(m.syncId());
      return bytes(out.putLong(m.round()).putLong(m.commitZxid()).putLong(m.sentZxid()));
    } else if (message instanceof Message.Forward m) {
      return forward(m);
    } else if (message instanceof Message.ConfirmRequest m) {
      return confirmRequest(m);
    } else if (message instanceof Message.ConfirmReply m) {
      ByteBuffer out = start(CONFIRM_REPLY, 3 * LONG_BYTES);
      return bytes(out.putLong(m.epoch()).putLong(m.token()).putLong(m.zxid()));
    } else if (message instanceof Message.SnapshotChunk m) {
      ByteBuffer out = start(SNAPSHOT_CHUNK, 4 * LONG_BYTES + 2 * COUNT_BYTES + m.bytes().length);
      out.putLong(m.epoch()).putLong(m.syncId()).putLong(m.offset()).putLong(m.totalLength());
      return bytes(out.putInt(m.checksum()).putInt(m.bytes().length).put(m.bytes()));
    } else if (message instanceof Message.SnapshotAck m) {
      ByteBuffer out = start(SNAPSHOT_ACK, 3 * LONG_BYTES + 1).putLong(m.epoch());
      return bytes(out.putLong(m.syncId()).putLong(m.endOffset()).put(flag(m.sealed())));
    }
    return encodeRare(message);
  }

  private static ByteBuffer put(ByteBuffer out, StateDigest state) {
    return out.putLong(state.zxid()).putInt(state.version()).putLong(state.digest());
  }

  private static byte[] encodeRare(Message message) {
    if (message instanceof Message.Hello m) {
      byte[] membership = m.membership().encode();
      ByteBuffer out = start(HELLO, 3 * LONG_BYTES + 1 + membership.length);
      out.putLong(m.clusterId()).putLong(m.incarnation()).put(flag(m.founded()));
      return bytes(out.putLong(m.epoch()).put(membership));
    } else if (message instanceof Message.FoundingOffer m) {
      byte[] membership = m.configured().encode();
      ByteBuffer out = start(FOUNDING_OFFER, LONG_BYTES + membership.length);
      return bytes(out.putLong(m.clusterId()).put(membership));
    } else if (message instanceof Message.FoundingGrant m) {
      ByteBuffer out = start(FOUNDING_GRANT, 2 * LONG_BYTES);
      return bytes(out.putLong(m.clusterId()).putLong(m.incarnation()));
    } else if (message instanceof Message.PreVote m) {
      ByteBuffer out = start(PRE_VOTE, 2 * LONG_BYTES + 1);
      return bytes(out.putLong(m.round()).put(flag(m.first())).putLong(m.lastZxid()));
    } else if (message instanceof Message.PreVoteReply m) {
      ByteBuffer out = start(PRE_VOTE_REPLY, 3 * LONG_BYTES + 1);
      out.putLong(m.round()).put(flag(m.granted()));
      return bytes(out.putLong(m.epoch()).putLong(m.incarnation()));
    } else if (message instanceof Message.VoteRequest m) {
      ByteBuffer out = start(VOTE_REQUEST, 2 * LONG_BYTES + 1);
      return bytes(out.putLong(m.epoch()).putLong(m.lastZxid()).put(flag(m.roll())));
    } else if (message instanceof Message.VoteReply m) {
      ByteBuffer out = start(VOTE_REPLY, 3 * LONG_BYTES + 1).putLong(m.epoch());
      return bytes(out.put(flag(m.granted())).putLong(m.promised()).putLong(m.incarnation()));
    } else if (message instanceof Message.NewLeader m) {
      return bytes(start(NEW_LEADER, LONG_BYTES).putLong(m.epoch()));
    } else if (message instanceof Message.EpochRefused m) {
      ByteBuffer out = start(EPOCH_REFUSED, 3 * LONG_BYTES).putLong(m.epoch());
      return bytes(out.putLong(m.promised()).putLong(m.incarnation()));
    } else if (message instanceof Message.Position m) {
      return position(m);
    } else if (message instanceof Message.Synchronize m) {
      ByteBuffer out = start(SYNCHRONIZE, 4 * LONG_BYTES + 2).putLong(m.epoch());
      out.putLong(m.syncId()).put(m.plan().kind().wireNumber());
      out.putLong(m.plan().zxid()).putLong(m.plan().hash());
      return bytes(out.put(flag(m.resumed())));
    } else if (message instanceof Message.DiskReport m) {
      return bytes(put(start(DISK_REPORT, LONG_BYTES + 1), m.space()));
    } else if (message instanceof Message.WriteRoom m) {
      return bytes(put(start(WRITE_ROOM, 2 * LONG_BYTES + 1).putLong(m.epoch()), m.space()));
    } else if (message instanceof Message.SteppingDown m) {
      return bytes(start(STEPPING_DOWN, LONG_BYTES).putLong(m.epoch()));
    }
    return encodeDigests(message);
  }

  private static byte[] encodeDigests(Message message) {
    if (message instanceof Message.DigestQuestion m) {
      ByteBuffer out = start(DIGEST_QUESTION, 4 * LONG_BYTES + STATE_BYTES);
      out.putLong(m.epoch()).putLong(m.round()).putLong(m.zxid());
      return bytes(put(out, m.agreed()).putLong(m.alarmZxid()));
    } else if (message instanceof Message.DigestAnswer m) {
      ByteBuffer out = start(DIGEST_ANSWER, 3 * LONG_BYTES + STATE_BYTES + COUNT_BYTES + 1);
      out.putLong(m.epoch()).putLong(m.round()).putLong(m.incarnation());
      return bytes(put(out, m.state()).putInt(m.supportedVersion()).put(flag(m.rebuilt())));
    }
    throw new IllegalArgumentException("no layout for " + message.getClass().getSimpleName());
  }

  private static byte[] append(Message.Append m) {
    int length = 5 * LONG_BYTES + COUNT_BYTES;
    for (LogEntry entry : m.entries()) {
      length += ENTRY_BYTES_MIN + entry.payload().length;
    }
    ByteBuffer out = start(APPEND, length).putLong(m.epoch()).putLong(m.syncId());
    out.putLong(m.prevZxid()).putLong(m.prevHash()).putLong(m.commitZxid());
    out.putInt(m.entries().size());
    for (LogEntry entry : m.entries()) {
      out.putLong(entry.zxid()).putLong(entry.chainHash()).putLong(entry.timeMillis());
      out.put(entry.kind().wireNumber()).putInt(entry.payload().length).put(entry.payload());
    }
    return bytes(out);
  }

  private static byte[] forward(Message.Forward m) {
    int length = LONG_BYTES + COUNT_BYTES;
    for (byte[] payload : m.payloads()) {
      length += COUNT_BYTES + payload.length;
    }
    ByteBuffer out = start(FORWARD, length).putLong(m.epoch()).putInt(m.payloads().size());
    for (byte[] payload : m.payloads()) {
      out.putInt(payload.length).put(payload);
    }
    return bytes(out);
  }

  private static byte[] confirmRequest(Message.ConfirmRequest m) {
    int length = 2 * LONG_BYTES + COUNT_BYTES + LONG_BYTES * m.sessionIds().size();
    ByteBuffer out = start(CONFIRM_REQUEST, length).putLong(m.epoch()).putLong(m.token());
    out.putInt(m.sessionIds().size());
    for (long id : m.sessionIds()) {
      out.putLong(id);
    }
    return bytes(out);
  }

  private static byte[] position(Message.Position m) {
    int length =
        6 * LONG_BYTES + COUNT_BYTES + BOUNDARY_BYTES * m.boundaries().size() + STAGED_BYTES;
    ByteBuffer out = start(POSITION, length).putLong(m.epoch()).putLong(m.syncId());
    out.putLong(m.incarnation()).putLong(m.lastZxid()).putLong(m.lastHash());
    out.putLong(m.floorZxid()).putInt(m.boundaries().size());
    for (EpochBoundary boundary : m.boundaries()) {
      out.putLong(boundary.lastZxid()).putLong(boundary.chainHash());
    }
    StagedSnapshot staged = m.staged();
    SnapshotFile file = staged.file();
    out.putLong(file.zxid()).putLong(file.length()).putInt(file.checksum());
    out.putLong(staged.offset()).put(flag(staged.sealed()));
    return bytes(out.putLong(staged.lastZxid()).putLong(staged.lastHash()));
  }

  private static ByteBuffer start(int type, int fieldBytes) {
    return ByteBuffer.allocate(TYPE_BYTES + fieldBytes).put((byte) type);
  }

  private static byte[] bytes(ByteBuffer out) {
    Invariant.check(
        out.arrayOffset() == 0 && !out.hasRemaining(),
        "message is %d bytes short",
        out.remaining());
    return out.array();
  }

  private static ByteBuffer put(ByteBuffer out, DiskSpace space) {
    return out.put((byte) space.level().wireNumber()).putLong(space.usableBytes());
  }

  private static DiskSpace readSpace(ByteBuffer in) {
    return new DiskSpace(DiskSpace.Level.ofWireNumber(in.get()), in.getLong());
  }

  private static byte flag(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException for anything else; the text says what was expected
   */
  public static Message decode(byte[] body) {
    ByteBuffer in = ByteBuffer.wrap(body);
    Message message;
    try {
      message = read(in.get() & 0xFF, in);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("peer message of " + body.length + " bytes ends early", e);
    }
    if (in.hasRemaining()) {
      throw new IllegalArgumentException(
          "peer message of " + body.length + " bytes has " + in.remaining() + " bytes left over");
    }
    return message;
  }

  private static Message read(int type, ByteBuffer in) {
    return switch (type) {
      case HELLO ->
          new Message.Hello(
              in.getLong(), in.getLong(), readFlag(in), in.getLong(), Membership.decode(in));
      case FOUNDING_OFFER -> new Message.FoundingOffer(in.getLong(), Membership.decode(in));
      case FOUNDING_GRANT -> new Message.FoundingGrant(in.getLong(), in.getLong());
      case PRE_VOTE -> new Message.PreVote(in.getLong(), readFlag(in), in.getLong());
      case PRE_VOTE_REPLY ->
          new Message.PreVoteReply(in.getLong(), readFlag(in), in.getLong(), in.getLong());
      case VOTE_REQUEST -> new Message.VoteRequest(in.getLong(), in.getLong(), readFlag(in));
      case VOTE_REPLY ->
          new Message.VoteReply(in.getLong(), readFlag(in), in.getLong(), in.getLong());
      case NEW_LEADER -> new Message.NewLeader(in.getLong());
      case EPOCH_REFUSED -> new Message.EpochRefused(in.getLong(), in.getLong(), in.getLong());
      case POSITION ->
          new Message.Position(
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              readBoundaries(in),
              readStaged(in));
      case SYNCHRONIZE ->
          new Message.Synchronize(in.getLong(), in.getLong(), readPlan(in), readFlag(in));
      case SNAPSHOT_CHUNK ->
          new Message.SnapshotChunk(
              in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getInt(), readBytes(in));
      case SNAPSHOT_ACK ->
          new Message.SnapshotAck(in.getLong(), in.getLong(), in.getLong(), readFlag(in));
      case APPEND ->
          new Message.Append(
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              in.getLong(),
              readEntries(in));
      case HEARTBEAT ->
          new Message.Heartbeat(
              in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
      case ACK ->
          new Message.Ack(
              in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
      case FORWARD -> new Message.Forward(in.getLong(), readPayloads(in));
      case CONFIRM_REQUEST ->
          new Message.ConfirmRequest(in.getLong(), in.getLong(), readSessionIds(in));
      case CONFIRM_REPLY -> new Message.ConfirmReply(in.getLong(), in.getLong(), in.getLong());
      case DIGEST_QUESTION ->
          new Message.DigestQuestion(
              in.getLong(), in.getLong(), in.getLong(), readState(in), in.getLong());
      case DIGEST_ANSWER ->
          new Message.DigestAnswer(
              in.getLong(), in.getLong(), in.getLong(), readState(in), in.getInt(), readFlag(in));
      case DISK_REPORT -> new Message.DiskReport(readSpace(in));
      case WRITE_ROOM -> new Message.WriteRoom(in.getLong(), readSpace(in));
      case STEPPING_DOWN -> new Message.SteppingDown(in.getLong());
      default -> throw new IllegalArgumentException("unknown type of peer message: " + type);
    };
  }

  private static StateDigest readState(ByteBuffer in) {
    return new StateDigest(in.getLong(), in.getInt(), in.getLong());
  }

  private static SyncPlan readPlan(ByteBuffer in) {
    return new SyncPlan(SyncPlan.Kind.ofWireNumber(in.get() & 0xFF), in.getLong(), in.getLong());
  }

  private static StagedSnapshot readStaged(ByteBuffer in) {
    SnapshotFile file = new SnapshotFile(in.getLong(), in.getLong(), in.getInt());
    return new StagedSnapshot(file, in.getLong(), readFlag(in), in.getLong(), in.getLong());
  }

  private static List<EpochBoundary> readBoundaries(ByteBuffer in) {
    int count = readCount(in, BOUNDARY_BYTES);
    List<EpochBoundary> boundaries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boundaries.add(new EpochBoundary(in.getLong(), in.getLong()));
    }
    return boundaries;
  }

  private static List<LogEntry> readEntries(ByteBuffer in) {
    int count = readCount(in, ENTRY_BYTES_MIN);
    List<LogEntry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long zxid = in.getLong();
      long chainHash = in.getLong();
      long timeMillis = in.getLong();
      EntryKind kind = EntryKind.ofWireNumber(in.get());
      entries.add(new LogEntry(zxid, chainHash, timeMillis, kind, readBytes(in)));
    }
    return entries;
  }

  private static List<byte[]> readPayloads(ByteBuffer in) {
    int count = readCount(in, COUNT_BYTES);
    List<byte[]> payloads = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      payloads.add(readBytes(in));
    }
    return payloads;
  }

  private static List<Long> readSessionIds(ByteBuffer in) {
    int count = readCount(in, LONG_BYTES);
    List<Long> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(in.getLong());
    }
    return ids;
  }

  private static byte[] readBytes(ByteBuffer in) {
    byte[] bytes = new byte[readCount(in, 1)];
    in.get(bytes);
    return bytes;
  }

  /**
   * A count of elements of at least {@code elementBytes} each, which must fit into what is left.
   */
  private static int readCount(ByteBuffer in, int elementBytes) {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / elementBytes) {
      throw new IllegalArgumentException(
          "count of at most "
              + in.remaining() / elementBytes
              + " expected in the bytes that are left, found "
              + count);
    }
    return count;
  }

  private static boolean readFlag(ByteBuffer in) {
    int value = in.get();
    if (value != 0 && value != 1) {
      throw new IllegalArgumentException("flag of 0 or 1 expected, found " + value);
    }
    return value == 1;
  }
}
