package io.quorate.server.replication;

import java.util.List;

/**
 * What replicas say to each other.
 *
 * <p>Links are first in, first out and lossless while they are up, so a message never overtakes
 * another; a message of an earlier life of a link never arrives. Which message is legal in which
 * phase is the table of {@code LegalMessages}.
 */
public sealed interface Message {

  /** One constant for each message. */
  enum Kind {
    /** {@link Hello}. */
    HELLO,
    /** {@link FoundingOffer}. */
    FOUNDING_OFFER,
    /** {@link FoundingGrant}. */
    FOUNDING_GRANT,
    /** {@link PreVote}. */
    PRE_VOTE,
    /** {@link PreVoteReply}. */
    PRE_VOTE_REPLY,
    /** {@link VoteRequest}. */
    VOTE_REQUEST,
    /** {@link VoteReply}. */
    VOTE_REPLY,
    /** {@link NewLeader}. */
    NEW_LEADER,
    /** {@link EpochRefused}. */
    EPOCH_REFUSED,
    /** {@link Position}. */
    POSITION,
    /** {@link Synchronize}. */
    SYNCHRONIZE,
    /** {@link SnapshotChunk}. */
    SNAPSHOT_CHUNK,
    /** {@link SnapshotAck}. */
    SNAPSHOT_ACK,
    /** {@link Append}. */
    APPEND,
    /** {@link Heartbeat}. */
    HEARTBEAT,
    /** {@link Ack}. */
    ACK,
    /** {@link Forward}. */
    FORWARD,
    /** {@link ConfirmRequest}. */
    CONFIRM_REQUEST,
    /** {@link ConfirmReply}. */
    CONFIRM_REPLY,
    /** {@link DigestQuestion}. */
    DIGEST_QUESTION,
    /** {@link DigestAnswer}. */
    DIGEST_ANSWER,
    /** {@link DiskReport}. */
    DISK_REPORT,
    /** {@link WriteRoom}. */
    WRITE_ROOM,
    /** {@link SteppingDown}. */
    STEPPING_DOWN
  }

  /** Which message this is. */
  Kind kind();

  /**
   * First message on every link, in both directions, and again whenever one of its facts changes.
   *
   * @param clusterId 0 = none yet
   * @param incarnation 0 = none yet
   * @param founded whether the sender has a history or knows a membership in force
   * @param epoch greatest epoch that it has promised, durably
   * @param membership in force if founded, else as configured
   */
  record Hello(long clusterId, long incarnation, boolean founded, long epoch, Membership membership)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.HELLO;
    }
  }

  /** The founder asks a voter with an empty history to belong to {@code clusterId}. */
  record FoundingOffer(long clusterId, Membership configured) implements Message {
    @Override
    public Kind kind() {
      return Kind.FOUNDING_OFFER;
    }
  }

  /** The voter saved that cluster id, and votes and acks under this incarnation. */
  record FoundingGrant(long clusterId, long incarnation) implements Message {
    @Override
    public Kind kind() {
      return Kind.FOUNDING_GRANT;
    }
  }

  /**
   * Would you vote for me? Promises nothing on either side.
   *
   * @param round the sender's count; the reply repeats it
   * @param first whether ties are decided for the greater (last zxid, id): only in a first round
   * @param lastZxid last durable entry of the sender
   */
  record PreVote(long round, boolean first, long lastZxid) implements Message {
    @Override
    public Kind kind() {
      return Kind.PRE_VOTE;
    }
  }

  /**
   * @param epoch greatest epoch that the replier has promised, durably
   */
  record PreVoteReply(long round, boolean granted, long epoch, long incarnation)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.PRE_VOTE_REPLY;
    }
  }

  /**
   * Vote for me in {@code epoch}.
   *
   * @param lastZxid last durable entry of the sender
   * @param roll whether the sender leads the epoch that the receiver follows and only changes the
   *     epoch
   */
  record VoteRequest(long epoch, long lastZxid, boolean roll) implements Message {
    @Override
    public Kind kind() {
      return Kind.VOTE_REQUEST;
    }
  }

  /**
   * @param epoch the one asked for
   * @param promised greatest epoch that the replier has promised, durably
   */
  record VoteReply(long epoch, boolean granted, long promised, long incarnation)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.VOTE_REPLY;
    }
  }

  /** A quorum voted for the sender in {@code epoch}; tell me your position. */
  record NewLeader(long epoch) implements Message {
    @Override
    public Kind kind() {
      return Kind.NEW_LEADER;
    }
  }

  /** The sender has promised a higher epoch and can't follow the receiver. */
  record EpochRefused(long epoch, long promised, long incarnation) implements Message {
    @Override
    public Kind kind() {
      return Kind.EPOCH_REFUSED;
    }
  }

  /**
   * What a follower has, durably; begins a synchronization.
   *
   * @param syncId fresh for each position of that follower; all that follows from it repeats it
   * @param lastHash of {@code lastZxid}
   * @param floorZxid greatest of its log's base, its snapshot and its commit point: it can't cut
   *     below
   * @param boundaries last entry of each epoch, oldest first, the newest being the last entry;
   *     bounded to the newest {@link SnapshotMeta#BOUNDARIES_MAX}; empty for an empty history
   * @param staged what it has of a snapshot that it was being sent
   */
  record Position(
      long epoch,
      long syncId,
      long incarnation,
      long lastZxid,
      long lastHash,
      long floorZxid,
      List<EpochBoundary> boundaries,
      StagedSnapshot staged)
      implements Message {
    public Position {
      boundaries = List.copyOf(boundaries);
    }

    /** Of one that has nothing staged. */
    public Position(
        long epoch,
        long syncId,
        long incarnation,
        long lastZxid,
        long lastHash,
        long floorZxid,
        List<EpochBoundary> boundaries) {
      this(
          epoch,
          syncId,
          incarnation,
          lastZxid,
          lastHash,
          floorZxid,
          boundaries,
          StagedSnapshot.NONE);
    }

    @Override
    public Kind kind() {
      return Kind.POSITION;
    }
  }

  /**
   * The way the leader chose; what it names follows on the same link.
   *
   * @param resumed whether a snapshot goes on where the position said that it was cut, instead of
   *     beginning anew
   */
  record Synchronize(long epoch, long syncId, SyncPlan plan, boolean resumed) implements Message {
    /** A way that begins anew. */
    public Synchronize(long epoch, long syncId, SyncPlan plan) {
      this(epoch, syncId, plan, false);
    }

    @Override
    public Kind kind() {
      return Kind.SYNCHRONIZE;
    }
  }

  /**
   * A piece of the snapshot file of the plan, in order.
   *
   * @param totalLength of the file, bytes
   * @param checksum of the whole file
   */
  record SnapshotChunk(
      long epoch, long syncId, long offset, long totalLength, int checksum, byte[] bytes)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.SNAPSHOT_CHUNK;
    }
  }

  /**
   * How far the follower has stored the file.
   *
   * @param sealed whether it has the whole file and verified it: entries may follow
   */
  record SnapshotAck(long epoch, long syncId, long endOffset, boolean sealed) implements Message {
    @Override
    public Kind kind() {
      return Kind.SNAPSHOT_ACK;
    }
  }

  /**
   * Entries that follow {@code prevZxid}, which is the last one sent before.
   *
   * @param commitZxid committed at the leader
   */
  record Append(
      long epoch,
      long syncId,
      long prevZxid,
      long prevHash,
      long commitZxid,
      List<LogEntry> entries)
      implements Message {
    public Append {
      entries = List.copyOf(entries);
    }

    @Override
    public Kind kind() {
      return Kind.APPEND;
    }
  }

  /**
   * The leader lives, and a round of it begins.
   *
   * @param round rises; an ack that repeats it proves that its sender followed after it began
   * @param commitZxid committed at the leader
   * @param sentZxid last entry sent on this link, so that a silent gap is noticed; {@code
   *     Zxid.NONE} while the link carries no entries
   */
  record Heartbeat(long epoch, long syncId, long round, long commitZxid, long sentZxid)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.HEARTBEAT;
    }
  }

  /**
   * Everything up to {@code durableZxid} of the leader's chain is durable at the sender;
   * cumulative.
   *
   * @param round newest round heard of
   * @param receivedZxid last entry received in this synchronization, durable or not: for flow
   *     control only
   */
  record Ack(
      long epoch, long syncId, long incarnation, long round, long durableZxid, long receivedZxid)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.ACK;
    }
  }

  /** Commands for the leader, in order. */
  record Forward(long epoch, List<byte[]> payloads) implements Message {
    public Forward {
      payloads = List.copyOf(payloads);
    }

    @Override
    public Kind kind() {
      return Kind.FORWARD;
    }
  }

  /** Touch these sessions and confirm by a later round. The token is the sender's. */
  record ConfirmRequest(long epoch, long token, List<Long> sessionIds) implements Message {
    public ConfirmRequest {
      sessionIds = List.copyOf(sessionIds);
    }

    @Override
    public Kind kind() {
      return Kind.CONFIRM_REQUEST;
    }
  }

  /**
   * @param zxid last entry of the leader's log when the request arrived
   */
  record ConfirmReply(long epoch, long token, long zxid) implements Message {
    @Override
    public Kind kind() {
      return Kind.CONFIRM_REPLY;
    }
  }

  /**
   * What is your state after {@code zxid}? And the newest answer of a majority.
   *
   * @param round the leader's count; the answer repeats it
   * @param zxid applied at the leader
   * @param agreed what a majority of all voters had there; {@link StateDigest#NONE} if none is
   *     known
   * @param alarmZxid where states were first seen to differ with nobody to decide; 0 if all is well
   */
  record DigestQuestion(long epoch, long round, long zxid, StateDigest agreed, long alarmZxid)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.DIGEST_QUESTION;
    }
  }

  /**
   * @param state after the zxid asked for
   * @param supportedVersion newest version of the state machine that the sender knows
   * @param rebuilt whether the sender rebuilt its state because it differed, and differs still
   */
  record DigestAnswer(
      long epoch,
      long round,
      long incarnation,
      StateDigest state,
      int supportedVersion,
      boolean rebuilt)
      implements Message {
    @Override
    public Kind kind() {
      return Kind.DIGEST_ANSWER;
    }
  }

  /**
   * How much room the sender's disk has: after the greeting, whenever the level changes, and again
   * and again while it is not ample.
   */
  record DiskReport(DiskSpace space) implements Message {
    @Override
    public Kind kind() {
      return Kind.DISK_REPORT;
    }
  }

  /** From the leader: what a majority of the voters has at least. */
  record WriteRoom(long epoch, DiskSpace space) implements Message {
    @Override
    public Kind kind() {
      return Kind.WRITE_ROOM;
    }
  }

  /** The sender leads that epoch no longer, so that another can be elected at once. */
  record SteppingDown(long epoch) implements Message {
    @Override
    public Kind kind() {
      return Kind.STEPPING_DOWN;
    }
  }
}
