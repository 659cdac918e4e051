package io.quorate.server.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The leader's memory of when each session was last heard of. Local to one leadership: a new leader
 * starts every countdown anew.
 *
 * <p>A lease lies in the bucket of a deadline it once had. A touch only moves its deadline; when
 * the bucket comes up, a lease that was touched meanwhile goes to its new bucket. So a touch costs
 * one lookup, whatever the number of sessions, and a session is moved once per timeout.
 *
 * <p>Nanoseconds of a monotonic clock with any origin, also across the overflow. Confined to the
 * node thread.
 */
public final class SessionLeases {
  /** Width of a bucket; deadlines are exact whatever it is. */
  static final long BUCKET_NANOS = 16_777_216;

  /** About 73 years; keeps sums from overflowing. */
  private static final long TIMEOUT_NANOS_MAX = Long.MAX_VALUE / 4;

  private final Map<Long, Lease> leases = new LinkedHashMap<>();

  /** Leases by bucket: nanoseconds since the origin divided by the width. */
  private final TreeMap<Long, ArrayList<Lease>> buckets = new TreeMap<>();

  /** The first moment ever heard of: all else is counted from here. */
  private long originNanos;

  private boolean originKnown;

  private static final class Lease {
    private final long sessionId;

    /** Since the origin. */
    private long deadlineNanos;

    /** Where it lies; a bucket that holds it but is not named here is out of date. */
    private long bucket;

    private Lease(long sessionId) {
      this.sessionId = sessionId;
    }
  }

  /**
   * The session was heard of: it has until {@code nowNanos + timeoutNanos}, also if that is earlier
   * than before.
   */
  public void touch(long sessionId, long timeoutNanos, long nowNanos) {
    long deadline = sinceOrigin(nowNanos) + Math.max(0, Math.min(timeoutNanos, TIMEOUT_NANOS_MAX));
    Lease lease = leases.get(sessionId);
    if (lease == null) {
      lease = new Lease(sessionId);
      leases.put(sessionId, lease);
      lease.deadlineNanos = deadline;
      enqueue(lease);
      return;
    }
    lease.deadlineNanos = deadline;
    if (Math.floorDiv(deadline, BUCKET_NANOS) < lease.bucket) {
      enqueue(lease);
    }
  }

  /** Forgets a session; one that is not known is no error. */
  public void remove(long sessionId) {
    leases.remove(sessionId);
  }

  /** Forgets all. */
  public void clear() {
    leases.clear();
    buckets.clear();
  }

  public int count() {
    return leases.size();
  }

  /** Nanoseconds until the session's time is up, negative if it was; null if it is not known. */
  public @Nullable Long remainingNanos(long sessionId, long nowNanos) {
    Lease lease = leases.get(sessionId);
    return lease == null ? null : lease.deadlineNanos - sinceOrigin(nowNanos);
  }

  /**
   * Sessions whose time is up: {@code nowNanos} is at or after their deadline. By deadline, then
   * id. Each is forgotten as it is returned.
   */
  public List<Long> expired(long nowNanos) {
    long now = sinceOrigin(nowNanos);
    List<Lease> due = new ArrayList<>();
    List<Lease> later = new ArrayList<>();
    Iterator<Map.Entry<Long, ArrayList<Lease>>> upToNow =
        buckets.headMap(Math.floorDiv(now, BUCKET_NANOS), true).entrySet().iterator();
    while (upToNow.hasNext()) {
      Map.Entry<Long, ArrayList<Lease>> bucket = upToNow.next();
      for (Lease lease : bucket.getValue()) {
        boolean current = leases.get(lease.sessionId) == lease && lease.bucket == bucket.getKey();
        if (current && lease.deadlineNanos <= now) {
          due.add(lease);
          leases.remove(lease.sessionId);
        } else if (current) {
          later.add(lease);
          lease.bucket = Long.MIN_VALUE;
        }
      }
      upToNow.remove();
    }
    later.forEach(this::enqueue);
    due.sort(
        Comparator.<Lease>comparingLong(lease -> lease.deadlineNanos)
            .thenComparingLong(lease -> lease.sessionId));
    List<Long> ids = new ArrayList<>(due.size());
    for (Lease lease : due) {
      ids.add(lease.sessionId);
    }
    return ids;
  }

  private void enqueue(Lease lease) {
    lease.bucket = Math.floorDiv(lease.deadlineNanos, BUCKET_NANOS);
    buckets.computeIfAbsent(lease.bucket, bucket -> new ArrayList<>()).add(lease);
  }

  private long sinceOrigin(long nowNanos) {
    if (!originKnown) {
      originKnown = true;
      originNanos = nowNanos;
    }
    return nowNanos - originNanos;
  }
}
