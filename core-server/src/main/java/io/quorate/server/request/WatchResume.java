package io.quorate.server.request;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which watches of a client that comes back have been met by a change that it missed, told from the
 * zxids in the znodes' stats. A znode that was deleted and created again shows a younger czxid: for
 * whoever watched its earlier life it was deleted. Confined to the node thread.
 */
final class WatchResume {
  private final StateMachine state;
  private final long sinceZxid;
  private final List<ServerMessage.Fired> fired = new ArrayList<>();

  WatchResume(StateMachine state, long sinceZxid) {
    this.state = state;
    this.sinceZxid = sinceZxid;
  }

  /** Looks at one watch; returns whether it is left again. */
  boolean leavesAfter(ClientMessage.Registration watch) {
    ZnodeStat stat =
        state.read(new ReadOp.Exists(watch.path())) instanceof OpResult.Existence existence
            ? existence.stat()
            : null;
    WatchEvent.Type missed =
        switch (watch.kind()) {
          case DATA -> missedByData(stat);
          case EXIST -> stat == null ? null : WatchEvent.Type.NODE_CREATED;
          case CHILDREN -> missedByChildren(stat);
          case PERSISTENT, PERSISTENT_RECURSIVE -> null;
        };
    if (missed != null) {
      fire(watch, missed);
      return false;
    }
    if (!watch.kind().isOneShot()) {
      firePersistent(watch, stat);
    }
    return true;
  }

  private WatchEvent.@Nullable Type missedByData(@Nullable ZnodeStat stat) {
    if (stat == null || stat.czxid() > sinceZxid) {
      return WatchEvent.Type.NODE_DELETED;
    }
    return stat.mzxid() > sinceZxid ? WatchEvent.Type.NODE_DATA_CHANGED : null;
  }

  private WatchEvent.@Nullable Type missedByChildren(@Nullable ZnodeStat stat) {
    if (stat == null || stat.czxid() > sinceZxid) {
      return WatchEvent.Type.NODE_DELETED;
    }
    return stat.pzxid() > sinceZxid ? WatchEvent.Type.NODE_CHILDREN_CHANGED : null;
  }

  /**
   * What can be told of the changes that a persistent watch missed. A deletion leaves no trace, so
   * it is not told; reading the znode shows it.
   */
  private void firePersistent(ClientMessage.Registration watch, @Nullable ZnodeStat stat) {
    if (stat == null) {
      return;
    }
    if (stat.czxid() > sinceZxid) {
      fire(watch, WatchEvent.Type.NODE_CREATED);
    } else if (stat.mzxid() > sinceZxid) {
      fire(watch, WatchEvent.Type.NODE_DATA_CHANGED);
    }
    if (stat.pzxid() > sinceZxid && stat.pzxid() != stat.czxid()) {
      fire(watch, WatchEvent.Type.NODE_CHILDREN_CHANGED);
    }
  }

  private void fire(ClientMessage.Registration watch, WatchEvent.Type type) {
    fired.add(new ServerMessage.Fired(watch.watchId(), type, watch.path()));
  }

  /** The events to send, in the order of the registrations. */
  List<ServerMessage.Fired> fired() {
    return fired;
  }
}
