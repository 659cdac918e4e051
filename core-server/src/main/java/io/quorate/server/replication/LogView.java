package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What this node knows of its log, without doing any I/O. docs/log-pointers.md draws it.
 *
 * <pre>
 *   base &lt;= snapshot &lt;= delivered &lt;= committed &lt;= durable &lt;= last
 * </pre>
 *
 * <p>All are zxids of entries of one history (or of what it begins after), so that plain comparison
 * orders them.
 */
final class LogView {
  private final TailCache cache;
  private final LogTimes times = new LogTimes();

  /** Last entries of epochs that end at or below the base. */
  private final List<EpochBoundary> purgedBoundaries = new ArrayList<>();

  /** Memberships of delivered entries, oldest first; the first is in force at the snapshot. */
  private final List<Membership> memberships = new ArrayList<>();

  private LogIdentifiers ids = new LogIdentifiers(Zxid.NONE, 0);
  private @Nullable SnapshotMeta snapshot;
  private @Nullable Membership founding;
  private long durableZxid;
  private long committedZxid;
  private long deliveredZxid;
  private long lastTimeMillis;
  private boolean lastTimeKnown = true;

  LogView(long cacheBytesMax) {
    cache = new TailCache(cacheBytesMax);
  }

  /** Takes what storage has: at the start, or after the history was replaced. */
  void recover(Recovered recovered) {
    ids = recovered.log().copy();
    snapshot = recovered.snapshot();
    long snapshotZxid = snapshotZxid();
    if (snapshot != null) {
      Invariant.check(
          ids.contains(snapshot.zxid(), snapshot.chainHash()),
          "the snapshot 0x%x is not on the log after 0x%x up to 0x%x",
          snapshot.zxid(),
          ids.baseZxid(),
          ids.lastZxid());
    } else {
      Invariant.check(
          ids.baseZxid() == Zxid.NONE, "a log after 0x%x without a snapshot", ids.baseZxid());
    }
    cache.clear(ids.lastZxid());
    durableZxid = ids.lastZxid();
    committedZxid = snapshotZxid;
    deliveredZxid = snapshotZxid;
    founding = null;
    times.reset(snapshotZxid, snapshot == null ? 0 : snapshot.timeMillis());
    lastTimeKnown = ids.lastZxid() == snapshotZxid;
    lastTimeMillis = lastTimeKnown ? times.at(snapshotZxid) : 0;
    memberships.clear();
    purgedBoundaries.clear();
    if (snapshot != null) {
      memberships.add(snapshot.membership());
      for (EpochBoundary boundary : snapshot.boundaries()) {
        if (boundary.lastZxid() <= ids.baseZxid()) {
          purgedBoundaries.add(boundary);
        }
      }
    }
  }

  LogIdentifiers ids() {
    return ids;
  }

  TailCache cache() {
    return cache;
  }

  @Nullable SnapshotMeta snapshot() {
    return snapshot;
  }

  long snapshotZxid() {
    return snapshot == null ? Zxid.NONE : snapshot.zxid();
  }

  long lastZxid() {
    return ids.lastZxid();
  }

  long lastHash() {
    return ids.lastHash();
  }

  long durableZxid() {
    return durableZxid;
  }

  long committedZxid() {
    return committedZxid;
  }

  long deliveredZxid() {
    return deliveredZxid;
  }

  boolean isEmpty() {
    return ids.lastZxid() == Zxid.NONE;
  }

  /** Nothing at or below this can be cut: purged, in a snapshot, or committed. */
  long floorZxid() {
    return Math.max(ids.baseZxid(), Math.max(snapshotZxid(), committedZxid));
  }

  /** The membership of the founding if this log still begins with it and it was seen. */
  @Nullable Membership founding() {
    return founding;
  }

  /** Adds entries that follow the last one; the caller hands them to storage. */
  void append(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      Invariant.check(
          entry.follows(ids.lastHash()),
          "entry 0x%x does not follow 0x%x by its hash",
          entry.zxid(),
          ids.lastZxid());
      Invariant.check(
          entry.timeMillis() >= lastTimeMillis,
          "time of entry 0x%x is before that of its predecessor",
          entry.zxid());
      noteFounding(entry);
      ids.append(entry.zxid(), entry.chainHash());
      cache.add(entry);
      lastTimeMillis = entry.timeMillis();
      lastTimeKnown = true;
    }
  }

  /** Reads the founding membership out of the first entry of a history, if this is that. */
  void noteFounding(LogEntry entry) {
    if (entry.kind() == EntryKind.EPOCH) {
      Membership membership = EpochRecord.decode(entry.payload()).founding();
      if (membership != null) {
        founding = membership.at(entry.zxid());
      }
    }
  }

  /** Forgets every entry above {@code zxid}; what is durable is at most that. */
  void truncateAfter(long zxid) {
    Invariant.check(zxid >= floorZxid(), "cut after 0x%x below the floor 0x%x", zxid, floorZxid());
    ids.truncateAfter(zxid);
    cache.truncateAfter(zxid);
    durableZxid = Math.min(durableZxid, zxid);
    LogEntry last = cache.last();
    if (zxid == Zxid.NONE) {
      founding = null;
    }
    if (last != null) {
      lastTimeMillis = last.timeMillis();
    } else if (zxid <= deliveredZxid) {
      lastTimeMillis = times.at(zxid);
    } else {
      lastTimeKnown = false;
      lastTimeMillis = 0;
    }
  }

  void markDurable(long zxid) {
    Invariant.check(
        zxid <= ids.lastZxid(), "durable up to 0x%x, log up to 0x%x", zxid, ids.lastZxid());
    durableZxid = Math.max(durableZxid, zxid);
  }

  /** Everything up to {@code zxid} is committed; whether that is news. */
  boolean commit(long zxid) {
    if (zxid <= committedZxid) {
      return false;
    }
    Invariant.check(
        zxid <= ids.lastZxid(), "committed up to 0x%x, log up to 0x%x", zxid, ids.lastZxid());
    committedZxid = zxid;
    return true;
  }

  /** These, which follow what was delivered, are delivered now. */
  void delivered(List<LogEntry> entries) {
    for (LogEntry entry : entries) {
      Invariant.check(
          entry.zxid() > deliveredZxid && ids.contains(entry.zxid(), entry.chainHash()),
          "delivered 0x%x, which is not on the log after 0x%x",
          entry.zxid(),
          deliveredZxid);
      deliveredZxid = entry.zxid();
      times.note(entry.zxid(), entry.timeMillis());
      Membership membership = membershipOf(entry);
      if (membership != null) {
        memberships.add(membership);
      }
    }
  }

  /** The membership that an entry brings into force, or null. */
  static @Nullable Membership membershipOf(LogEntry entry) {
    if (entry.kind() == EntryKind.MEMBERSHIP) {
      return Membership.decode(ByteBuffer.wrap(entry.payload())).at(entry.zxid());
    }
    if (entry.kind() == EntryKind.EPOCH) {
      Membership founding = EpochRecord.decode(entry.payload()).founding();
      return founding == null ? null : founding.at(entry.zxid());
    }
    return null;
  }

  /** Newest membership that was delivered or came with the snapshot, or null. */
  @Nullable Membership deliveredMembership() {
    return memberships.isEmpty() ? null : memberships.get(memberships.size() - 1);
  }

  /** A newer snapshot exists. */
  void snapshotTaken(SnapshotMeta meta) {
    Invariant.check(
        meta.zxid() <= deliveredZxid,
        "a snapshot at 0x%x, delivered up to 0x%x",
        meta.zxid(),
        deliveredZxid);
    if (meta.zxid() > snapshotZxid()) {
      snapshot = meta;
    }
  }

  /** Storage no longer has entries up to {@code zxid}. */
  void purgedUpTo(long zxid) {
    if (zxid <= ids.baseZxid() || zxid > snapshotZxid() || ids.indexOf(zxid) < 0) {
      return;
    }
    List<EpochBoundary> upTo = boundaries(zxid);
    purgedBoundaries.clear();
    purgedBoundaries.addAll(upTo);
    ids.purgeUpTo(zxid);
    times.purgeBelow(zxid);
    while (memberships.size() > 1 && memberships.get(1).zxid() <= zxid) {
      memberships.remove(0);
    }
  }

  /** Retained entries behind {@code afterZxid}, up to and including {@code zxid}. */
  int entriesAfter(long afterZxid, long zxid) {
    return Math.max(0, ids.countUpTo(zxid) - ids.countUpTo(afterZxid));
  }

  /** Last entry of each epoch up to {@code zxid}, oldest first, bounded to the newest ones. */
  List<EpochBoundary> boundaries(long zxid) {
    List<EpochBoundary> all = new ArrayList<>(purgedBoundaries);
    all.addAll(ids.boundaries());
    all.add(ids.floor(zxid));
    List<EpochBoundary> kept = new ArrayList<>();
    for (EpochBoundary boundary : all) {
      if (boundary.lastZxid() > zxid || boundary.lastZxid() == Zxid.NONE) {
        continue;
      }
      int last = kept.size() - 1;
      if (last >= 0 && Zxid.epoch(kept.get(last).lastZxid()) == Zxid.epoch(boundary.lastZxid())) {
        kept.remove(last);
      }
      kept.add(boundary);
    }
    int from = Math.max(0, kept.size() - SnapshotMeta.BOUNDARIES_MAX);
    return List.copyOf(kept.subList(from, kept.size()));
  }

  /** What a snapshot of the state after the delivered {@code zxid} says about itself. */
  SnapshotMeta metaAt(long zxid, long clusterId, int stateMachineVersion, long digest) {
    Invariant.check(
        zxid <= deliveredZxid && zxid >= snapshotZxid(),
        "snapshot at 0x%x, but the last one is at 0x%x and delivered is 0x%x",
        zxid,
        snapshotZxid(),
        deliveredZxid);
    EpochBoundary at = ids.floor(zxid);
    Invariant.check(at.lastZxid() == zxid, "snapshot at 0x%x, which is no entry", zxid);
    Membership inForce = null;
    for (Membership membership : memberships) {
      if (membership.zxid() <= zxid) {
        inForce = membership;
      }
    }
    Invariant.check(inForce != null, "no membership in force at 0x%x", zxid);
    return new SnapshotMeta(
        clusterId,
        zxid,
        at.chainHash(),
        times.at(zxid),
        boundaries(zxid),
        Objects.requireNonNull(inForce),
        stateMachineVersion,
        digest);
  }

  /** Whether {@link #lastTimeMillis} is known without reading the last entry. */
  boolean lastTimeKnown() {
    return lastTimeKnown;
  }

  long lastTimeMillis() {
    Invariant.check(lastTimeKnown, "time of the last entry 0x%x is not known", lastZxid());
    return lastTimeMillis;
  }

  /** The last entry was read. */
  void noteLastTime(long timeMillis) {
    lastTimeMillis = timeMillis;
    lastTimeKnown = true;
  }

  /** The position before the last entry, after which a read gives just that. */
  long beforeLastZxid() {
    return ids.size() >= 2 ? ids.zxidAt(ids.size() - 2) : ids.baseZxid();
  }
}
