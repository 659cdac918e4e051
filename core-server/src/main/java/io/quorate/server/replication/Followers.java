package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The peers of one leader, observers included: what each is known to have, and what it is sent.
 *
 * <p>A peer is asked for its position, is told a way, and then has one stream of its own: pieces of
 * a snapshot first if that is the way, then entries, both bounded by what it has acknowledged.
 */
final class Followers {
  private final NodeState node;
  private final long epoch;
  private final long startedNanos;
  private final TreeMap<Integer, Progress> progress = new TreeMap<>();

  /** When peers without a link were heard last. */
  private final TreeMap<Integer, Long> heardBeforeNanos = new TreeMap<>();

  Followers(NodeState node, long epoch) {
    this.node = node;
    this.epoch = epoch;
    startedNanos = node.now();
  }

  /** Those with a link, in the order of their ids. */
  Collection<Progress> all() {
    return progress.values();
  }

  @Nullable Progress get(int peer) {
    return progress.get(peer);
  }

  /** When that peer was heard last; the begin of this leadership if it never was. */
  long heardNanos(int peer) {
    Progress linked = progress.get(peer);
    if (linked != null) {
      return linked.heardNanos();
    }
    Long heard = heardBeforeNanos.get(peer);
    return heard == null ? startedNanos : heard;
  }

  /** Wants its position: at first, and whenever it was lost track of. */
  void ask(int peer) {
    if (!node.sameCluster(peer)) {
      return;
    }
    Progress asked = progress.get(peer);
    if (asked == null) {
      progress.put(peer, new Progress(peer, heardNanos(peer)));
    } else {
      asked.becomeAsked();
    }
    node.send(peer, new Message.NewLeader(epoch));
  }

  void down(int peer) {
    Progress lost = progress.remove(peer);
    if (lost != null) {
      heardBeforeNanos.put(peer, lost.heardNanos());
    }
  }

  // --- the way -----------------------------------------------------------------------------------

  /** Chooses the way for a follower at that position, and begins it. */
  void synchronize(Progress follower, Message.Position position) {
    LogView log = node.log();
    SnapshotMeta snapshot = log.snapshot();
    SyncPlan plan =
        node.rules()
            .plan(
                log.ids(),
                log.snapshotZxid(),
                snapshot == null ? 0 : snapshot.chainHash(),
                position);
    boolean snap = plan.kind() == SyncPlan.Kind.SNAP;
    Invariant.check(
        !snap || snapshot != null,
        "no snapshot for server %d, log after 0x%x",
        follower.peer(),
        log.ids().baseZxid());
    StagedSnapshot resumed = snap && resumes(position) ? position.staged() : StagedSnapshot.NONE;
    if (!resumed.isNone()) {
      plan = new SyncPlan(SyncPlan.Kind.SNAP, resumed.lastZxid(), resumed.lastHash());
      node.pins().touch(follower.peer(), node.now());
    } else if (snap) {
      node.pins().begin(follower.peer(), plan.zxid(), node.now());
    }
    // The position is durable there, so it counts as acknowledged as far as it is on this chain.
    long matched = snap ? Zxid.NONE : plan.zxid();
    follower.becomeSynchronizing(position, plan, matched, resumed, node.now());
    follower.heard(node.now());
    node.emit(new Effect.Synced(follower.peer(), plan, resumed.offset()));
    node.send(
        follower.peer(),
        new Message.Synchronize(epoch, position.syncId(), plan, !resumed.isNone()));
    readChunks(follower);
  }

  /**
   * Whether what a follower has of a snapshot can be gone on with: it leads to this leader's
   * history, and what is missing of the file is here for certain.
   */
  private boolean resumes(Message.Position position) {
    StagedSnapshot staged = position.staged();
    return !staged.isNone()
        && staged.file().zxid() > position.floorZxid()
        && node.log().ids().contains(staged.lastZxid(), staged.lastHash())
        && (staged.isWhole() || node.pins().holds(staged.file()));
  }

  /** It is heard of: as long as it needs a snapshot, that stays. */
  void heard(Progress follower) {
    follower.heard(node.now());
    if (follower.isBehindASnapshot()) {
      node.pins().touch(follower.peer(), node.now());
    }
  }

  // --- entries -----------------------------------------------------------------------------------

  /** Sends what may be sent; asks storage for what is not in memory. */
  void pump(Progress follower) {
    LogView log = node.log();
    while (follower.mode() == Progress.Mode.STREAM
        && follower.readToken() == Progress.NO_READ
        && follower.sentZxid() < log.lastZxid()
        && follower.flightBytes() < node.config().inFlightBytesMax()) {
      List<LogEntry> batch =
          log.cache()
              .after(
                  follower.sentZxid(),
                  log.lastZxid(),
                  Integer.MAX_VALUE,
                  node.config().appendBytesMax());
      if (batch.isEmpty()) {
        follower.reading(node.nextToken());
        node.emit(
            new Effect.ReadLog(
                follower.readToken(), follower.sentZxid(), node.config().appendBytesMax()));
      } else {
        send(follower, batch);
      }
    }
  }

  private void send(Progress follower, List<LogEntry> batch) {
    long commit = node.log().committedZxid();
    node.send(
        follower.peer(),
        new Message.Append(
            epoch, follower.syncId(), follower.sentZxid(), follower.sentHash(), commit, batch));
    int bytes = 0;
    for (LogEntry entry : batch) {
      bytes += entry.bodyLength();
    }
    follower.sent(batch.get(batch.size() - 1), bytes);
    follower.told(commit);
  }

  /** Entries read for one of them; empty if they were purged meanwhile. */
  void onLogRead(long token, List<LogEntry> entries) {
    Progress follower = readerOf(token);
    if (follower == null) {
      return;
    }
    follower.reading(Progress.NO_READ);
    if (entries.isEmpty()) {
      ask(follower.peer()); // the way has to be chosen anew
      return;
    }
    Invariant.check(
        entries.get(0).follows(follower.sentHash()),
        "storage gave %s after 0x%x",
        entries.get(0),
        follower.sentZxid());
    send(follower, entries);
  }

  private @Nullable Progress readerOf(long token) {
    for (Progress follower : progress.values()) {
      if (follower.readToken() == token) {
        return follower;
      }
    }
    return null;
  }

  // --- snapshots ---------------------------------------------------------------------------------

  private void readChunks(Progress follower) {
    long inFlightMax =
        (long) node.config().snapshotChunkBytes() * node.config().snapshotChunksInFlightMax();
    if (follower.chunkWanted(inFlightMax)) {
      follower.reading(node.nextToken());
      node.emit(
          new Effect.ReadSnapshotChunk(
              follower.readToken(),
              follower.plan().zxid(),
              follower.chunkSentOffset(),
              node.config().snapshotChunkBytes()));
    }
  }

  void onSnapshotChunkRead(Input.SnapshotChunkRead read) {
    Progress follower = readerOf(read.token());
    if (follower == null) {
      return;
    }
    follower.reading(Progress.NO_READ);
    byte[] bytes = read.bytes();
    SnapshotFile file =
        new SnapshotFile(follower.plan().zxid(), read.totalLength(), read.checksum());
    if (bytes == null || !follower.isOfSnapshot(file)) {
      node.pins().remove(follower.peer());
      ask(follower.peer());
      return;
    }
    node.pins().read(follower.peer(), file, node.now());
    node.send(
        follower.peer(),
        new Message.SnapshotChunk(
            epoch, follower.syncId(), read.offset(), file.length(), file.checksum(), bytes));
    follower.chunkSent(bytes.length, file);
    readChunks(follower);
  }

  void onSnapshotAck(int from, Message.SnapshotAck ack) {
    Progress follower = progress.get(from);
    if (follower == null
        || follower.mode() != Progress.Mode.SNAPSHOT
        || ack.syncId() != follower.syncId()) {
      node.drop(DropReason.OLD_SYNC);
      return;
    }
    heard(follower);
    follower.chunkStored(ack.endOffset(), node.now());
    if (ack.sealed()) {
      follower.becomeStreamingAfterSnapshot();
    } else {
      readChunks(follower);
    }
  }

  /** A transfer without progress goes on from a new position. */
  void askStalled() {
    for (Progress follower : new ArrayList<>(progress.values())) {
      if (follower.chunkStalled(node.now(), node.config().snapshotStallNanos())) {
        node.notice("the snapshot for server " + follower.peer() + " makes no progress");
        ask(follower.peer());
      }
    }
  }

  // --- rounds ------------------------------------------------------------------------------------

  /** The round begins for all; those without a position are asked again. */
  void beginRound(long round) {
    for (Progress follower : progress.values()) {
      if (follower.mode() == Progress.Mode.ASKED) {
        node.send(follower.peer(), new Message.NewLeader(epoch));
      } else {
        heartbeat(follower, round);
      }
    }
  }

  /** Tells those that follow the stream of a commit that they were not told yet. */
  void tellCommit(long round) {
    for (Progress follower : progress.values()) {
      if (follower.mode() == Progress.Mode.STREAM
          && follower.toldCommitZxid() < node.log().committedZxid()) {
        heartbeat(follower, round);
      }
    }
  }

  private void heartbeat(Progress follower, long round) {
    long commit = node.log().committedZxid();
    boolean streams = follower.mode() == Progress.Mode.STREAM;
    node.send(
        follower.peer(),
        new Message.Heartbeat(
            epoch, follower.syncId(), round, commit, streams ? follower.sentZxid() : Zxid.NONE));
    follower.told(commit);
  }
}
