package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** What a leader knows of one peer. Forgotten with the link. */
final class Progress {
  /** What the leader does for it. */
  enum Mode {
    /** Was asked for its position; nothing is sent to it before it answers. */
    ASKED,
    /** Is sent the pieces of a snapshot. */
    SNAPSHOT,
    /** Is sent entries after {@link #sentZxid}, as they come. */
    STREAM
  }

  static final long NO_READ = 0;

  private record Flight(long lastZxid, int bytes) {}

  private final int peer;
  private final Deque<Flight> flights = new ArrayDeque<>();
  private Mode mode = Mode.ASKED;

  /** Of the position that all else here rests on; meaningless while ASKED. */
  private long syncId;

  private long incarnation;

  /** Durable at the peer, on this leader's chain; at most {@link #sentZxid}. */
  private long matchedZxid = Zxid.NONE;

  /** Last entry sent; where the stream goes on. */
  private long sentZxid = Zxid.NONE;

  private long sentHash;
  private long flightBytes;

  /** Newest commit that it was told. */
  private long toldCommitZxid = Zxid.NONE;

  private long heardNanos;
  private long round;

  /** The read of log or snapshot for it that is under way. */
  private long readToken = NO_READ;

  private SyncPlan plan = new SyncPlan(SyncPlan.Kind.NOTHING, Zxid.NONE, 0);
  private @Nullable SnapshotFile snapshotFile;
  private long chunkSentOffset;
  private long chunkStoredOffset;
  private long chunkTotal = Long.MAX_VALUE;
  private long chunkProgressNanos;

  Progress(int peer, long nowNanos) {
    this.peer = peer;
    heardNanos = nowNanos;
  }

  int peer() {
    return peer;
  }

  Mode mode() {
    return mode;
  }

  long syncId() {
    return syncId;
  }

  long incarnation() {
    return incarnation;
  }

  long matchedZxid() {
    return matchedZxid;
  }

  long sentZxid() {
    return sentZxid;
  }

  long sentHash() {
    return sentHash;
  }

  long round() {
    return round;
  }

  long heardNanos() {
    return heardNanos;
  }

  SyncPlan plan() {
    return plan;
  }

  long flightBytes() {
    return flightBytes;
  }

  long readToken() {
    return readToken;
  }

  void reading(long token) {
    readToken = token;
  }

  void heard(long nowNanos) {
    heardNanos = nowNanos;
  }

  /**
   * Asked for its position again; what it acknowledged so far stays true until its link is lost.
   */
  void becomeAsked() {
    mode = Mode.ASKED;
    readToken = NO_READ;
    flights.clear();
    flightBytes = 0;
  }

  /**
   * It told its position and the way is chosen.
   *
   * @param matched what is durable there and on the leader's chain
   * @param staged where a snapshot goes on; {@link StagedSnapshot#NONE} to begin anew
   */
  void becomeSynchronizing(
      Message.Position position,
      SyncPlan chosen,
      long matched,
      StagedSnapshot staged,
      long nowNanos) {
    becomeAsked();
    syncId = position.syncId();
    incarnation = position.incarnation();
    plan = chosen;
    matchedZxid = matched;
    toldCommitZxid = Zxid.NONE;
    snapshotFile = staged.isNone() ? null : staged.file();
    chunkSentOffset = staged.offset();
    chunkStoredOffset = staged.offset();
    chunkTotal = staged.isNone() ? Long.MAX_VALUE : staged.file().length();
    chunkProgressNanos = nowNanos;
    boolean pieces = chosen.kind() == SyncPlan.Kind.SNAP && !staged.sealed();
    mode = pieces ? Mode.SNAPSHOT : Mode.STREAM;
    sentZxid = chosen.zxid();
    sentHash = chosen.hash();
  }

  /** It has the whole snapshot; entries follow. */
  void becomeStreamingAfterSnapshot() {
    Invariant.check(mode == Mode.SNAPSHOT, "snapshot sealed by server %d in mode %s", peer, mode);
    readToken = NO_READ;
    mode = Mode.STREAM;
  }

  void sent(LogEntry last, int bytes) {
    sentZxid = last.zxid();
    sentHash = last.chainHash();
    flights.add(new Flight(last.zxid(), bytes));
    flightBytes += bytes;
  }

  void told(long commitZxid) {
    toldCommitZxid = commitZxid;
  }

  long toldCommitZxid() {
    return toldCommitZxid;
  }

  /** Any ack of this epoch. */
  void answeredRound(long answered) {
    round = Math.max(round, answered);
  }

  /** An ack of this synchronization; false if it claims what was never sent. */
  boolean acknowledged(long durableZxid, long receivedZxid) {
    if (durableZxid > sentZxid || receivedZxid > sentZxid) {
      return false;
    }
    matchedZxid = Math.max(matchedZxid, durableZxid);
    while (!flights.isEmpty() && arrived(flights.peekFirst(), durableZxid, receivedZxid)) {
      flightBytes -= flights.removeFirst().bytes();
    }
    return true;
  }

  /**
   * A flight has landed when it is durable; one into a staged history when it was received, because
   * nothing of that is durable before all of it is.
   */
  private boolean arrived(Flight flight, long durableZxid, long receivedZxid) {
    return flight.lastZxid() <= durableZxid
        || (durableZxid == Zxid.NONE && flight.lastZxid() <= receivedZxid);
  }

  long chunkSentOffset() {
    return chunkSentOffset;
  }

  boolean chunkWanted(long inFlightBytesMax) {
    return mode == Mode.SNAPSHOT
        && readToken == NO_READ
        && chunkSentOffset < chunkTotal
        && chunkSentOffset - chunkStoredOffset < inFlightBytesMax;
  }

  /** A piece of that file was read; false if the file is another one than before. */
  boolean isOfSnapshot(SnapshotFile file) {
    return snapshotFile == null || snapshotFile.equals(file);
  }

  void chunkSent(int bytes, SnapshotFile file) {
    readToken = NO_READ;
    snapshotFile = file;
    chunkSentOffset += bytes;
    chunkTotal = file.length();
  }

  /** Whether it needs the leader's snapshot, or the log after that, before it follows. */
  boolean isBehindASnapshot() {
    return plan.kind() == SyncPlan.Kind.SNAP && matchedZxid == Zxid.NONE;
  }

  void chunkStored(long endOffset, long nowNanos) {
    if (endOffset > chunkStoredOffset) {
      chunkStoredOffset = endOffset;
      chunkProgressNanos = nowNanos;
    }
  }

  /**
   * Whether pieces are to come and none was stored for that long. However long the whole takes is
   * no matter, and neither is the time in which the peer verifies a whole file (R28).
   */
  boolean chunkStalled(long nowNanos, long stallNanos) {
    return mode == Mode.SNAPSHOT
        && chunkStoredOffset < chunkTotal
        && nowNanos - chunkProgressNanos >= stallNanos;
  }
}
