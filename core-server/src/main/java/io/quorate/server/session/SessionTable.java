package io.quorate.server.session;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.server.base.Generations;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.OrderedPages.Cursor;
import io.quorate.server.base.OrderedPages.Page;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replicated table of open sessions. It changes only at apply, so it is the same on every
 * replica at the same zxid; nothing here knows of connections or silence.
 *
 * <p>Exactly once (D4): writes are numbered from 1. Every number up to {@code lastNumber} has an
 * answer, kept until the client confirms it, so that
 *
 * <pre>
 *   1 .. confirmedUpTo              answered, forgotten
 *   confirmedUpTo + 1 .. lastNumber answered, kept: a repetition gets the same answer
 *   lastNumber + 1                  the only number that is applied
 * </pre>
 *
 * <p>Copy-on-write as the tree; changes are confined to the node thread.
 */
public final class SessionTable {
  /** Objects of one session with its place in the pages and in the leader's leases, about. */
  private static final long SESSION_BYTES = 512;

  /** One session keeps at most this part of what is free for the answers of all. */
  private static final int PART_OF_FREE = 8;

  /** The fair shares of all sessions are this part of what there is for all. */
  private static final int PART_FOR_SHARES = 4;

  /** What a session may keep, however many there are and whatever the others do. */
  private static final long SHARE_BYTES_MIN = 512;

  private static final Admission NEXT = new Admission.Next();

  private final Generations generations;
  private final SessionPages pages;
  private final SessionLimits limits;
  private final EphemeralIndex ephemerals = new EphemeralIndex();
  private @Nullable Page<Session> root;
  private int count;
  private long digest;

  /** Bytes of all stored answers. */
  private long answerBytes;

  public SessionTable(Generations generations, SessionLimits limits) {
    this.generations = generations;
    this.pages = new SessionPages(generations);
    this.limits = limits;
  }

  public SessionLimits limits() {
    return limits;
  }

  /** The ephemeral znodes of each session; kept by whoever changes the tree. */
  public EphemeralIndex ephemerals() {
    return ephemerals;
  }

  public int count() {
    return count;
  }

  /** About what all sessions take in memory. */
  public long bytes() {
    return answerBytes + SESSION_BYTES * count;
  }

  /** Sum over all sessions of what each holds. */
  public long digest() {
    return digest;
  }

  /** The digest computed from scratch, for checks. */
  public long digestAnew() {
    long sum = 0;
    for (Cursor<Session> cursor = pages.all(root); cursor.hasNext(); ) {
      sum += cursor.next().digestPartAnew();
    }
    return sum;
  }

  public boolean isOpen(long id) {
    return find(id) != null;
  }

  public @Nullable SessionInfo info(long id) {
    Session session = find(id);
    return session == null ? null : session.info(ephemerals.count(id));
  }

  /** All sessions in id order. */
  public List<SessionInfo> infos() {
    List<SessionInfo> infos = new ArrayList<>(count);
    for (Cursor<Session> cursor = pages.all(root); cursor.hasNext(); ) {
      Session session = cursor.next();
      infos.add(session.info(ephemerals.count(session.id)));
    }
    return infos;
  }

  /** The table now, for as long as a pin that is open now stays open; O(1). */
  public SessionsView view() {
    return new SessionsView(pages, root, count, digest);
  }

  /** Opens a session with an id above all others; null, or why not. */
  public @Nullable ErrorCode open(
      long id, long timeoutMillis, byte[] secretHash, String clientName) {
    if (timeoutMillis < 1
        || timeoutMillis > SessionLimits.TIMEOUT_MILLIS_MAX
        || secretHash.length != SessionLimits.SECRET_HASH_BYTES
        || clientName.length() > SessionLimits.CLIENT_NAME_CHARS_MAX) {
      return ErrorCode.BAD_ARGUMENTS;
    }
    if (count >= limits.sessionsMax()) {
      return ErrorCode.QUOTA_EXCEEDED;
    }
    add(new Session(generations.current(), id, timeoutMillis, secretHash, clientName));
    return null;
  }

  /** Moves a session to the connection that attached it at {@code zxid}; null, or why not. */
  public @Nullable ErrorCode attach(long id, byte[] secretHash, long zxid) {
    Session session = find(id);
    if (session == null) {
      return ErrorCode.SESSION_EXPIRED;
    }
    if (!equalInConstantTime(session.secretHash, secretHash)) {
      return ErrorCode.SESSION_SECRET_MISMATCH;
    }
    Session mine = beginChange(session);
    mine.attachZxid = zxid;
    endChange(mine);
    return null;
  }

  /** Whether a session may be ended by who attached it at {@code attachZxid}; null, or why not. */
  public @Nullable ErrorCode mayEnd(long id, long attachZxid) {
    Session session = find(id);
    if (session == null) {
      return ErrorCode.SESSION_EXPIRED;
    }
    return session.attachZxid == attachZxid ? null : ErrorCode.SESSION_MOVED;
  }

  /** Removes an open session; its ephemerals are gone from the index already. */
  public void remove(long id) {
    Session session = find(id);
    Page<Session> from = root;
    Invariant.check(session != null && from != null, "the session to remove is not open");
    Invariant.check(ephemerals.count(id) == 0, "a session ends but owns ephemeral znodes");
    if (session != null && from != null) {
      digest -= session.digestPart();
      answerBytes -= session.answerBytes;
      root = pages.remove(from, session.key, 0, session.key.length);
      count--;
    }
  }

  /**
   * Decides what becomes of a numbered write. Unless it is refused, its confirmation is taken.
   *
   * <p>A number that was already confirmed can't be answered any more: {@link ErrorCode#MALFORMED},
   * because no client that keeps the rules sends it. So are numbers below 1, and a write that
   * claims its own answer was received.
   *
   * <p>Stored answers are bounded for each session and for all. Who confirms nothing must not stop
   * the others, so the bound of a session shrinks while the room of all fills up, down to a fair
   * share. Once nothing is free, only what is answered within that share is taken. So at most one
   * and a half times the room of all is used, or its once and 1 KiB a session, and one answer.
   *
   * @param answerBytesMax what the answer of the write will take at most
   */
  public Admission admit(
      long id, long attachZxid, long number, long confirmedUpTo, long answerBytesMax) {
    Session session = find(id);
    if (session == null) {
      return new Admission.Refused(ErrorCode.SESSION_EXPIRED);
    }
    if (session.attachZxid != attachZxid) {
      return new Admission.Refused(ErrorCode.SESSION_MOVED);
    }
    if (number <= session.confirmedUpTo || confirmedUpTo >= number) {
      return new Admission.Refused(ErrorCode.MALFORMED);
    }
    if (number > session.lastNumber + 1) {
      return new Admission.Refused(ErrorCode.WRITE_GAP);
    }
    // Below number, hence at most lastNumber.
    long confirmed = Math.max(confirmedUpTo, session.confirmedUpTo);
    if (number == session.lastNumber + 1 && isFull(session, confirmed, answerBytesMax)) {
      return new Admission.Refused(ErrorCode.TOO_MANY_IN_FLIGHT);
    }
    Session kept = session;
    if (confirmed > session.confirmedUpTo) {
      kept = beginChange(session);
      kept.confirm(confirmed, generations.isShared(kept.answersStamp()));
      endChange(kept);
    }
    return number <= kept.lastNumber
        ? new Admission.Repeated(AnswerFormat.decode(kept.answer(number)))
        : NEXT;
  }

  /** Keeps the answer of the write that was admitted as the next one. */
  public void settle(long id, long zxid, OpResult result) {
    Session session = find(id);
    Invariant.check(session != null, "an answer for a session that is not open");
    if (session != null) {
      Session mine = beginChange(session);
      mine.append(AnswerFormat.encode(zxid, result), generations.current());
      endChange(mine);
    }
  }

  /**
   * Adds a session from a snapshot, in id order.
   *
   * @throws IllegalArgumentException if no table can hold it
   */
  public void restore(SessionImage image) {
    byte[] key = SessionPages.key(image.id());
    if (image.id() < 1
        || isOpen(image.id())
        || pages.after(root, key, 0, key.length).hasNext()
        || image.timeoutMillis() < 1
        || image.timeoutMillis() > SessionLimits.TIMEOUT_MILLIS_MAX
        || image.secretHash().length != SessionLimits.SECRET_HASH_BYTES
        || image.clientName().length() > SessionLimits.CLIENT_NAME_CHARS_MAX
        || image.confirmedUpTo() < 0
        || image.lastNumber() - image.confirmedUpTo() != image.answers().size()) {
      throw new IllegalArgumentException(
          "a session that no table can hold, or out of order: " + image.id());
    }
    Session session =
        new Session(
            generations.current(),
            image.id(),
            image.timeoutMillis(),
            image.secretHash(),
            image.clientName());
    session.attachZxid = image.attachZxid();
    session.lastNumber = image.confirmedUpTo();
    session.confirmedUpTo = image.confirmedUpTo();
    for (byte[] answer : image.answers()) {
      AnswerFormat.decode(answer);
      session.append(answer, generations.current());
    }
    add(session);
  }

  private boolean isFull(Session session, long confirmed, long answerBytesMax) {
    long bytesFreed = 0;
    for (long number = session.confirmedUpTo + 1; number <= confirmed; number++) {
      bytesFreed += session.answer(number).length;
    }
    long own = session.answerBytes - bytesFreed;
    long total = limits.storedAnswerBytesTotalMax();
    long free = total - (answerBytes - bytesFreed);
    long share = Math.max(SHARE_BYTES_MIN, total / ((long) PART_FOR_SHARES * count));
    long ownMax = Math.min(limits.storedAnswerBytesMax(), Math.max(share, free / PART_OF_FREE));
    return session.lastNumber - confirmed >= limits.storedAnswersMax()
        || own >= ownMax
        || (free <= 0 && answerBytesMax > share);
  }

  private void add(Session session) {
    root = pages.insert(root, session.key, 0, session.key.length, session);
    count++;
    digest += session.digestPart();
    answerBytes += session.answerBytes;
  }

  /** The session as an object that may be changed, taken out of the sums. */
  private Session beginChange(Session session) {
    digest -= session.digestPart();
    answerBytes -= session.answerBytes;
    if (!generations.isShared(session.stamp)) {
      return session;
    }
    Session copy = session.copy(generations.current());
    Page<Session> from = root;
    Invariant.check(from != null, "a session without a page");
    if (from != null) {
      root = pages.replace(from, copy.key, 0, copy.key.length, copy);
    }
    return copy;
  }

  /** Takes it into the sums again. */
  private void endChange(Session session) {
    digest += session.digestPart();
    answerBytes += session.answerBytes;
  }

  private @Nullable Session find(long id) {
    return root == null ? null : pages.find(root, SessionPages.key(id), 0, Long.BYTES);
  }

  /** Takes the same time wherever the first difference is. */
  private static boolean equalInConstantTime(byte[] expected, byte[] found) {
    byte[] other = Arrays.copyOf(found, expected.length);
    int difference = expected.length ^ found.length;
    for (int i = 0; i < expected.length; i++) {
      difference |= expected[i] ^ other[i];
    }
    return difference == 0;
  }
}
