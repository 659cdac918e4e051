package io.quorate.client.session;

import io.quorate.client.watch.WatchNotice;
import io.quorate.client.watch.WatchTable;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The watches of a session across its connections: up to where their events have come, and how they
 * are resumed after an attach.
 *
 * <p>A resumption may take several messages. The server answers each by the events that it missed,
 * so those of a later message go back in time, and live events come in between. All are kept until
 * the last answer, then told in the order of their zxids. Should the connection be lost before,
 * nothing was told and the next resumption begins at the same point: no event is missed, none is
 * told twice. No reply shows a change meanwhile, because requests are sent behind the resumption.
 *
 * <p>What is kept is bounded: beyond {@link #HELD_BACK_FIRED_MAX} or {@link #HELD_BACK_BYTES_MAX}
 * all of it is dropped, and the watches concerned are told to resynchronize in its place.
 */
final class SessionWatches {
  /** So many events are held back at most, counted per watch that fires. */
  static final int HELD_BACK_FIRED_MAX = 65_536;

  /** What they may take in memory, about. */
  static final long HELD_BACK_BYTES_MAX = 16L << 20;

  /** An event without its path, about. */
  private static final long FIRED_BYTES = 64;

  private static final int RESUMED_WATCHES_MAX = 1024;
  private static final int RESUMED_CHARS_MAX = 256 << 10;

  final WatchTable table = new WatchTable();

  /** Every event of our watches up to this zxid has been received; at most the last zxid seen. */
  private long resumePoint;

  /** ResumeWatches messages that are unanswered on this connection. */
  private int resumesLeft;

  /** Heard while {@link #resumesLeft} is above 0, not told yet, in order of arrival. */
  private final List<ServerMessage.Events> heldBack = new ArrayList<>();

  private int heldBackFired;
  private long heldBackBytes;

  /** As {@link #heldBack}: watches whose events were too many to be kept; none is kept any more. */
  private final TreeSet<Long> dropped = new TreeSet<>();

  /** As {@link #heldBack}: watches that may have missed changes. */
  private final List<ClientMessage.Registration> gaps = new ArrayList<>();

  private long lastEventZxid;

  long resumePoint() {
    return resumePoint;
  }

  /** Whether the server has yet to say that it holds our watches. */
  boolean isResuming() {
    return resumesLeft > 0;
  }

  // ---- connections ------------------------------------------------------------------------------

  /** A session was opened or attached at that zxid. */
  void connectionUp(long zxid) {
    resumePoint = zxid;
    lastEventZxid = 0;
  }

  void connectionLost() {
    resumesLeft = 0;
    forgetResumption();
  }

  private void forgetResumption() {
    forgetHeldBack();
    dropped.clear();
    gaps.clear();
  }

  private void forgetHeldBack() {
    heldBack.clear();
    heldBackFired = 0;
    heldBackBytes = 0;
  }

  /**
   * What to resume after an attach, in messages of a bounded size.
   *
   * @param since resume point of the connection before
   */
  List<List<ClientMessage.Registration>> toResume(long since) {
    List<List<ClientMessage.Registration>> chunks = new ArrayList<>();
    List<ClientMessage.Registration> chunk = new ArrayList<>();
    int chars = 0;
    for (ClientMessage.Registration watch : table.held()) {
      chunk.add(watch);
      chars += watch.path().length();
      if (chunk.size() == RESUMED_WATCHES_MAX || chars > RESUMED_CHARS_MAX) {
        chunks.add(chunk);
        chunk = new ArrayList<>();
        chars = 0;
      }
    }
    if (!chunk.isEmpty()) {
      chunks.add(chunk);
    }
    if (!chunks.isEmpty()) {
      resumesLeft += chunks.size();
      // Until the server has answered, changes since then may still be unheard of.
      resumePoint = since;
    }
    return chunks;
  }

  /**
   * A message of the resumption was answered: what the listeners are to be told. After the last one
   * that is everything held back: first to whom changes may have been missed, then what was heard,
   * by zxid.
   *
   * @param refusal null if the server holds the watches; else it never will, and they are gone
   * @param missed whether they may have missed changes
   */
  List<WatchNotice> resumed(
      List<ClientMessage.Registration> watches,
      OpResult.@Nullable Failure refusal,
      boolean missed) {
    List<WatchNotice> notices = new ArrayList<>();
    if (refusal != null) {
      notices.addAll(table.refused(watches, refusal));
    } else if (missed) {
      gaps.addAll(watches);
    }
    resumesLeft--;
    if (resumesLeft > 0) {
      return notices;
    }
    gaps.removeIf(watch -> dropped.contains(watch.watchId()));
    notices.addAll(table.resumed(gaps));
    notices.addAll(table.dropped(dropped));
    heldBack.sort(Comparator.comparingLong(ServerMessage.Events::zxid)); // stable
    for (ServerMessage.Events events : heldBack) {
      lastEventZxid = events.zxid();
      notices.addAll(table.fire(events));
    }
    forgetResumption();
    return notices;
  }

  // ---- events -----------------------------------------------------------------------------------

  /** Whether events of that zxid can come now; resumed ones go back in time. */
  boolean isInOrder(ServerMessage.Events events) {
    if (resumesLeft > 0) {
      return true;
    }
    boolean ordered = events.zxid() >= lastEventZxid;
    lastEventZxid = Math.max(lastEventZxid, events.zxid());
    return ordered;
  }

  /** What the listeners are to be told of it now. */
  List<WatchNotice> fired(ServerMessage.Events events) {
    if (resumesLeft > 0) {
      holdBack(events);
      return List.of();
    }
    return table.fire(events);
  }

  private void holdBack(ServerMessage.Events events) {
    List<ServerMessage.Fired> kept = new ArrayList<>(events.fired().size());
    for (ServerMessage.Fired fired : events.fired()) {
      if (!dropped.contains(fired.watchId()) && table.contains(fired.watchId())) {
        kept.add(fired);
        heldBackBytes += FIRED_BYTES + fired.path().length();
      }
    }
    if (kept.isEmpty()) {
      return;
    }
    heldBackFired += kept.size();
    heldBack.add(new ServerMessage.Events(events.zxid(), kept));
    if (heldBackFired > HELD_BACK_FIRED_MAX || heldBackBytes > HELD_BACK_BYTES_MAX) {
      for (ServerMessage.Events each : heldBack) {
        each.fired().forEach(fired -> dropped.add(fired.watchId()));
      }
      forgetHeldBack();
    }
  }

  /** Everything up to there has been received. */
  void advanceTo(long zxid) {
    if (resumesLeft == 0) {
      resumePoint = Math.max(resumePoint, zxid);
    }
  }

  // ---- reads that leave watches -----------------------------------------------------------------

  /** Which watch such an answer leaves; null if none. */
  static @Nullable WatchKind left(ReadOp op, OpResult result) {
    if (op instanceof ReadOp.Exists) {
      if (result instanceof OpResult.Existence existence) {
        return existence.stat() == null ? WatchKind.EXIST : WatchKind.DATA;
      }
      return null;
    }
    if (result instanceof OpResult.Failure) {
      return null;
    }
    return op instanceof ReadOp.Get ? WatchKind.DATA : WatchKind.CHILDREN;
  }
}
