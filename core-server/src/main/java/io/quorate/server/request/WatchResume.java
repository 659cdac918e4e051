package io.quorate.server.request;

import io.quorate.data.Acl;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which one-shot watches of a client that comes back have been met by a change that it missed, told
 * from the zxids in the znodes' stats: what is left where the history of changes does not reach
 * back. Lasting watches are left as of now; their client is told to read anew. A znode that was
 * deleted and created again shows a younger czxid: for whoever watched its earlier life it was
 * deleted. Whoever may not READ the znode as it is now is told nothing, and keeps the watch.
 * Confined to the node thread.
 */
final class WatchResume {
  private final StateMachine state;
  private final long sinceZxid;
  private final List<ServerMessage.Fired> fired = new ArrayList<>();

  private final Predicate<List<Acl>> mayRead;

  /**
   * @param mayRead whether the client may READ a znode with that list
   */
  WatchResume(StateMachine state, long sinceZxid, Predicate<List<Acl>> mayRead) {
    this.state = state;
    this.sinceZxid = sinceZxid;
    this.mayRead = mayRead;
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
    if (missed == null || !mayRead.test(aclOf(watch.path()))) {
      return true;
    }
    fired.add(new ServerMessage.Fired(watch.watchId(), missed, watch.path()));
    return false;
  }

  /** Everybody may hear that a znode is gone: there is no list any more that says otherwise. */
  private List<Acl> aclOf(String path) {
    return state.read(new ReadOp.GetAcl(path)) instanceof OpResult.AclRead read
        ? read.acl()
        : Acl.OPEN;
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

  /** The events to send, in the order of the registrations. */
  List<ServerMessage.Fired> fired() {
    return fired;
  }
}
