package io.quorate.client.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Requests from their submission to their answers, in the order in which they were submitted: first
 * they wait in {@code queue}, then, sent, in {@code inFlight}, whose head is answered next. A write
 * gets its number when it is sent first and keeps it.
 *
 * <p>A session's unanswered writes are bounded by what the server said; other requests by {@link
 * #OTHERS_IN_FLIGHT_MAX}; the bytes of both by {@link #BYTES_IN_FLIGHT_MAX}.
 */
final class Requests {
  /** Most requests other than writes that are sent and unanswered. */
  static final int OTHERS_IN_FLIGHT_MAX = 1024;

  /** Most bytes that are sent and unanswered; one request may always be. */
  static final long BYTES_IN_FLIGHT_MAX = 16L << 20;

  private static final long NEVER = Long.MAX_VALUE;

  private final int queuedMax;
  private final long queuedBytesMax;

  /** Not sent yet in this session, in order. */
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();

  /** Sent and unanswered, in the order sent. Empty without a session. */
  private final ArrayDeque<Pending> inFlight = new ArrayDeque<>();

  private long queuedBytes;
  private long bytesInFlight;
  private int othersInFlight;
  private long lastXid;

  /** No request that somebody waits for has an earlier deadline. */
  private long earliestDeadline = NEVER;

  /** Most writes that the session may have unanswered. */
  private int writesMax;

  /** Number of the last write sent; at least confirmedUpTo. */
  private long lastNumber;

  /** Every write up to this one was answered. */
  private long confirmedUpTo;

  Requests(int queuedMax, long queuedBytesMax) {
    this.queuedMax = queuedMax;
    this.queuedBytesMax = queuedBytesMax;
  }

  /** A number for the next request; unique among the requests of this client. */
  long nextXid() {
    return ++lastXid;
  }

  int queued() {
    return queue.size();
  }

  int inFlight() {
    return inFlight.size();
  }

  long confirmedUpTo() {
    return confirmedUpTo;
  }

  long earliestDeadline() {
    return earliestDeadline;
  }

  /** Why no caller may submit more, for people; null if one may. */
  @Nullable String overload() {
    return queue.size() >= queuedMax || queuedBytes >= queuedBytesMax
        ? queue.size() + " operations with " + queuedBytes + " bytes wait already"
        : null;
  }

  /** Whether an operation waits to be sent whose caller wants to hear of it. */
  boolean callersWait() {
    for (Pending pending : queue) {
      if (pending.handle != null && !(pending.request instanceof SessionRequest.AddWatch)) {
        return true;
      }
    }
    return false;
  }

  // ---- on the way out ---------------------------------------------------------------------------

  void enqueue(Pending pending) {
    queue.add(pending);
    queuedBytes += pending.bytes;
    earliestDeadline = Math.min(earliestDeadline, pending.deadlineNanos);
  }

  /** Takes back what was not sent yet. */
  List<Pending> takeUnsent(Predicate<Pending> which) {
    List<Pending> taken = new ArrayList<>();
    Iterator<Pending> iterator = queue.iterator();
    while (iterator.hasNext()) {
      Pending pending = iterator.next();
      if (which.test(pending)) {
        iterator.remove();
        queuedBytes -= pending.bytes;
        taken.add(pending);
      }
    }
    return taken;
  }

  /** Removes the next request from the queue, if it may be sent now; null if there is none. */
  @Nullable Pending pollSendable() {
    Pending next = queue.peekFirst();
    if (next == null || !maySend(next)) {
      return null;
    }
    queue.removeFirst();
    queuedBytes -= next.bytes;
    return next;
  }

  private boolean maySend(Pending pending) {
    if (bytesInFlight > 0 && bytesInFlight + pending.bytes > BYTES_IN_FLIGHT_MAX) {
      return false;
    }
    return pending.isWrite()
        ? lastNumber - confirmedUpTo < writesMax
        : othersInFlight < OTHERS_IN_FLIGHT_MAX;
  }

  /** The request leaves on that connection, for the first time or again. */
  void sent(Pending pending, long connection, long now) {
    if (!pending.isSent()) {
      pending.connection = connection;
      pending.firstSentNanos = now;
      if (pending.isWrite()) {
        pending.number = ++lastNumber;
      }
    }
    inFlight.add(pending);
    bytesInFlight += pending.bytes;
    othersInFlight += pending.isWrite() ? 0 : 1;
  }

  // ---- on the way back --------------------------------------------------------------------------

  /** What is answered next; null if nothing is. */
  @Nullable Pending head() {
    return inFlight.peekFirst();
  }

  /** The head was answered. */
  void headAnswered() {
    Pending pending = inFlight.removeFirst();
    bytesInFlight -= pending.bytes;
    othersInFlight -= pending.isWrite() ? 0 : 1;
    if (pending.isWrite()) {
      confirmedUpTo = pending.number;
    }
  }

  /**
   * Those whose deadline has passed and whom nobody has told, in order. What was sent stays, to be
   * settled; what was not sent is gone, but for watches to add.
   */
  List<Pending> takeExpired(long now) {
    List<Pending> expired = new ArrayList<>();
    if (now < earliestDeadline) {
      return expired;
    }
    long earliest = NEVER;
    for (Pending pending : inFlight) {
      if (pending.handle != null && now >= pending.deadlineNanos) {
        expired.add(pending);
      } else if (pending.handle != null) {
        earliest = Math.min(earliest, pending.deadlineNanos);
      }
    }
    List<Pending> kept = new ArrayList<>(queue.size());
    for (Pending pending : queue) {
      boolean late = pending.handle != null && now >= pending.deadlineNanos;
      if (late) {
        expired.add(pending);
      } else if (pending.handle != null) {
        earliest = Math.min(earliest, pending.deadlineNanos);
      }
      if (late && !(pending.request instanceof SessionRequest.AddWatch)) {
        queuedBytes -= pending.bytes;
      } else {
        kept.add(pending);
      }
    }
    queue.clear();
    queue.addAll(kept);
    earliestDeadline = earliest;
    return expired;
  }

  // ---- connections and sessions -----------------------------------------------------------------

  /** A new session counts its writes anew. */
  void sessionBegan(int unansweredWritesMax) {
    writesMax = unansweredWritesMax;
    lastNumber = 0;
    confirmedUpTo = 0;
  }

  /** The connection is gone: what belonged to it alone is not sent again. */
  void connectionLost() {
    inFlight.removeIf(pending -> pending.isOfConnection() || pending.isAbandoned());
  }

  /** The session goes on elsewhere: takes all that was sent, to be sent again in this order. */
  List<Pending> takeSent(int unansweredWritesMax) {
    writesMax = unansweredWritesMax;
    List<Pending> again = new ArrayList<>(inFlight);
    inFlight.clear();
    bytesInFlight = 0;
    othersInFlight = 0;
    return again;
  }

  /** Takes everything: what was sent, and what waits, in order. */
  List<Pending> takeAll() {
    List<Pending> all = new ArrayList<>(inFlight);
    all.addAll(queue);
    inFlight.clear();
    queue.clear();
    queuedBytes = 0;
    bytesInFlight = 0;
    othersInFlight = 0;
    earliestDeadline = NEVER;
    return all;
  }
}
