package io.quorate.server.request;

import io.quorate.data.OpResult;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.Invariant;
import io.quorate.server.watch.WatchRegistry;
import io.quorate.server.watch.WatchReplay;
import java.util.List;

/**
 * Watches of a client that came back, on their way to this server, in slices: the history is
 * replayed, what was missed is sent, and what is left is held. Nothing is applied meanwhile, so it
 * is as if it happened at once. Confined to the node thread.
 */
final class Resumption {
  private final SessionBindings bindings;
  private final WatchRegistry watches;
  private final ClientSession session;
  private final PendingRequest pending;
  private final ClientMessage.ResumeWatches request;
  private final WatchReplay replay;
  private final WatchResume judgement;
  private final long appliedZxid;
  private List<ClientMessage.Registration> left = List.of();
  private boolean replayed;
  private int sent;
  private int done;

  Resumption(
      SessionBindings bindings,
      WatchRegistry watches,
      ClientSession session,
      PendingRequest pending,
      ClientMessage.ResumeWatches request,
      WatchReplay replay,
      WatchResume judgement,
      long appliedZxid) {
    this.bindings = bindings;
    this.watches = watches;
    this.session = session;
    this.pending = pending;
    this.request = request;
    this.replay = replay;
    this.judgement = judgement;
    this.appliedZxid = appliedZxid;
  }

  ClientSession session() {
    return session;
  }

  PendingRequest pending() {
    return pending;
  }

  /** Goes on; whether there is more. */
  boolean step(int work) {
    if (!session.isBound()) {
      return false; // its connection is over, and what it held is dropped
    }
    if (!replayed) {
      if (!replay.advance(work)) {
        replayed = true;
        left = replay.isKnown() ? replay.left() : request.watches();
      }
      return true;
    }
    for (int i = 0; i < work; i++) {
      if (!(replay.isKnown() ? takesOver() : judges())) {
        return false;
      }
    }
    return true;
  }

  private boolean takesOver() {
    if (sent < replay.missed().size()) {
      bindings.send(session, replay.missed().get(sent++));
    } else if (done < left.size()) {
      leave(left.get(done++));
    } else {
      return false;
    }
    return true;
  }

  /** The history does not reach back: what can still be told of the one-shot watches. */
  private boolean judges() {
    if (done < left.size()) {
      ClientMessage.Registration watch = left.get(done++);
      if (judgement.leavesAfter(watch)) {
        leave(watch);
      }
      return true;
    }
    if (!judgement.fired().isEmpty()) {
      bindings.send(session, new ServerMessage.Events(appliedZxid, judgement.fired()));
    }
    return false;
  }

  private void leave(ClientMessage.Registration watch) {
    Invariant.check(
        watches.add(session.connectionId(), watch.watchId(), watch.path(), watch.kind()),
        "no room for a resumed watch");
  }

  /** Once there is no more to do. */
  OpResult result() {
    return new OpResult.WatchesResumed(!replay.isKnown());
  }
}
