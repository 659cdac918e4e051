package io.quorate.server.sim;

import io.quorate.data.Acl;
import io.quorate.data.WatchEvent;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.List;

/**
 * W1, W4, W5: a persistent watch is told each change that it looks at exactly once, in the order of
 * the zxids, before any answer that shows the change, also across moves between servers, unless a
 * RESYNC excuses what came before it; and nothing of a znode that its client may not READ.
 */
final class EveryChangeIsTold extends Checker {
  private final World world;
  private final Ghost ghost;

  EveryChangeIsTold(World world, Ghost ghost) {
    super("W4");
    this.world = world;
    this.ghost = ghost;
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED || call.zxid == 0) {
      return;
    }
    for (LastingWatch watch : client.lastingWatches()) {
      if (watch.held && call.zxid > watch.toldZxid) {
        requireAllTold(client, watch, call.zxid, "before " + call + " was answered");
        watch.toldZxid = call.zxid;
      }
    }
  }

  @Override
  void told(SimClient client, LastingWatch watch, WatchEvent event) {
    long zxid = event.zxid();
    require(
        zxid >= watch.lastZxid,
        client.id(),
        String.format("the %s is told of 0x%x after 0x%x", watch, zxid, watch.lastZxid));
    List<ZnodeChange> due = due(client, watch, zxid - 1, zxid);
    if (zxid > watch.lastZxid) {
      if (watch.held) {
        requireAllTold(client, watch, zxid - 1, String.format("before 0x%x", zxid));
      }
      watch.lastZxid = zxid;
      watch.lastTold.clear();
    }
    watch.lastTold.add(event);
    int index = watch.lastTold.size() - 1;
    require(
        index < due.size()
            && due.get(index).type() == event.type()
            && due.get(index).path().equals(event.path()),
        client.id(),
        String.format("the %s is told %s, due are %s", watch, watch.lastTold, due));
    if (watch.held) {
      // Of one entry, all or nothing: the rest follows at once.
      watch.toldZxid = Math.max(watch.toldZxid, index + 1 == due.size() ? zxid : zxid - 1);
    }
    world.marks().hit(Mark.LASTING_WATCH_TOLD);
  }

  @Override
  void resynced(SimClient client, LastingWatch watch) {
    world.marks().hit(Mark.RESYNC);
    // What is committed by now may be missed; what comes later must not.
    watch.toldZxid = Math.max(watch.toldZxid, ghost.lastZxid());
  }

  private void requireAllTold(SimClient client, LastingWatch watch, long upTo, String when) {
    List<ZnodeChange> missed = new ArrayList<>(due(client, watch, watch.toldZxid, upTo));
    if (!missed.isEmpty() && missed.get(0).zxid() == watch.lastZxid) {
      missed.subList(0, Math.min(missed.size(), watch.lastTold.size())).clear();
    }
    require(
        missed.isEmpty(),
        client.id(),
        String.format(
            "the %s, told up to 0x%x, missed %s %s", watch, watch.toldZxid, missed, when));
  }

  private List<ZnodeChange> due(SimClient client, LastingWatch watch, long after, long upTo) {
    List<ZnodeChange> due = new ArrayList<>();
    for (ZnodeChange change : ghost.model().changes(after, upTo)) {
      if (watch.covers(change)) {
        if (ReferenceModel.may(client.workload().identities(), Acl.READ, change.acl())) {
          due.add(change);
        } else {
          world.marks().hit(Mark.EVENT_FILTERED);
        }
      }
    }
    return due;
  }
}
