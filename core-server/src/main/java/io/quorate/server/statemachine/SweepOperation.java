package io.quorate.server.statemachine;

import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.FoundZnode;

/**
 * Deletes what the leader found to be at its end, looked at again: the leader may have been deposed
 * since, and a client may have come first. A target is left alone unless it is the same life
 * (czxid) with the same data (mzxid) and the same children (cversion) as the leader saw, has no
 * children, and is a container or due at the time of the entry.
 */
final class SweepOperation {
  private SweepOperation() {}

  static void apply(ApplyContext context, Command.Sweep sweep) {
    for (Command.Sweep.Target target : sweep.targets()) {
      // A path is checked for null although no codec yields it: apply is total.
      FoundZnode found = target.path() == null ? null : context.tree().at(target.path());
      if (found != null && isAtItsEnd(found, target, context.timeMillis())) {
        context.delete(target.path());
      }
    }
  }

  private static boolean isAtItsEnd(
      FoundZnode found, Command.Sweep.Target target, long timeMillis) {
    if (!found.hasLifetime() || found.childCount() > 0) {
      return false;
    }
    ZnodeStat stat = found.stat();
    long due = stat.expiresAtMillis();
    return stat.czxid() == target.czxid()
        && stat.mzxid() == target.mzxid()
        && stat.cversion() == target.cversion()
        && (found.isContainer() || (due != 0 && due <= timeMillis));
  }
}
