package io.quorate.server.request;

import io.quorate.data.ErrorCode;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.tree.ZnodeChange;
import io.quorate.server.watch.WatchRegistry;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of one entry on their way to many connections, in slices, which would take long for
 * ten thousand in one go: first it is found out who hears what, then each connection is given its
 * own to hold, which it sends before anything else that it sends, then the rest is sent. The next
 * entry is applied only when all are sent, so there is one {@code Events} per connection at most,
 * and order is kept. Confined to the node thread.
 */
final class FanOut {
  private final SessionBindings bindings;
  private final WatchRegistry watches;
  private final RequestObserver observer;
  private final ArrayDeque<ClientSession> waiting = new ArrayDeque<>();

  /** Of the entry that is worked out. */
  private long zxid;

  private boolean looking;
  private boolean handing;

  FanOut(SessionBindings bindings, WatchRegistry watches, RequestObserver observer) {
    this.bindings = bindings;
    this.watches = watches;
    this.observer = observer;
  }

  /** All that an entry means to the watches. */
  void begin(long entryZxid, List<ZnodeChange> changes) {
    zxid = entryZxid;
    watches.begin(changes);
    looking = true;
  }

  /**
   * Whether connections do not hold yet what they hear of the newest entry: nothing that shows it
   * may be sent.
   */
  boolean isOpen() {
    return looking || handing;
  }

  /** Goes on; whether there is more. */
  boolean step(int work) {
    if (looking) {
      looking = watches.fireSome(work);
      handing = !looking;
      return true;
    }
    for (int i = 0; i < work; i++) {
      if (handing) {
        handing = handOut();
        if (!handing) {
          return !waiting.isEmpty();
        }
      } else {
        @Nullable ClientSession session = waiting.poll();
        if (session == null) {
          return false;
        }
        bindings.sendHeld(session);
      }
    }
    return handing || !waiting.isEmpty();
  }

  private boolean handOut() {
    WatchRegistry.Firing firing = watches.takeFiring();
    if (firing == null) {
      return false;
    }
    ClientSession session = bindings.ofConnection(firing.connectionId());
    if (session == null || session.phase() == ClientSession.Phase.OVER) {
      return true;
    }
    if (firing.cut()) {
      bindings.refuseSoon(
          session,
          ErrorCode.OVERLOADED,
          "one entry changed more than this server can tell all its clients at once; the watches"
              + " are resumed by the next connection");
    } else {
      observer.fired(firing.fired().size());
      session.hold(new ServerMessage.Events(zxid, firing.fired()));
      waiting.add(session);
    }
    return true;
  }

  /** Nobody is left who could hear. */
  void abandon() {
    watches.abandon();
    looking = false;
    handing = false;
    waiting.clear();
  }

  boolean isEmpty() {
    return !isOpen() && waiting.isEmpty();
  }
}
