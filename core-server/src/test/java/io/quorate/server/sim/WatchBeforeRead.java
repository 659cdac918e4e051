package io.quorate.server.sim;

import io.quorate.data.Acl;
import io.quorate.data.WatchKind;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;

/**
 * W1, W2, W3, W5: a one-shot watch fires before any answer that shows a change it waits for and its
 * client may READ, at most once, and only if there was such a change.
 */
final class WatchBeforeRead extends Checker {
  private final World world;
  private final Ghost ghost;

  WatchBeforeRead(World world, Ghost ghost) {
    super("W1");
    this.world = world;
    this.ghost = ghost;
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED || call.zxid == 0) {
      return;
    }
    for (SimClient.Watch watch : client.openWatches()) {
      if (watch.resumed && (watch.kind == WatchKind.EXIST || isGuarded(watch))) {
        // What was created and deleted while the link was down may stay unseen, and whoever is
        // judged by stats is judged by the list of now.
        continue;
      }
      for (ZnodeChange event : ghost.model().eventsOf(watch.path, watch.sinceZxid, call.zxid)) {
        require(
            !isDue(client, watch, event),
            client.id(),
            String.format(
                "%s is answered at 0x%x before the %s watch on %s, left at 0x%x, fired for %s",
                call, call.zxid, watch.kind, watch.path, watch.sinceZxid, event));
      }
    }
  }

  @Override
  void fired(SimClient client, SimClient.Watch watch, long zxid) {
    require(!watch.fired, client.id(), "the watch on " + watch.path + " fires twice");
    if (!watch.left) {
      return; // its read is not answered yet: nothing is known of it
    }
    List<ZnodeChange> events = ghost.model().eventsOf(watch.path, watch.sinceZxid, zxid);
    boolean due = false;
    for (ZnodeChange event : events) {
      due |= isDue(client, watch, event);
    }
    due |= watch.resumed && isGuarded(watch);
    require(
        due,
        client.id(),
        String.format(
            "the %s watch on %s, left at 0x%x, fires at 0x%x without a reason",
            watch.kind, watch.path, watch.sinceZxid, zxid));
  }

  private boolean isDue(SimClient client, SimClient.Watch watch, ZnodeChange event) {
    if (!watch.isDue(event)) {
      return false;
    }
    boolean readable = ReferenceModel.may(client.workload().identities(), Acl.READ, event.acl());
    if (!readable) {
      world.marks().hit(Mark.EVENT_FILTERED);
    }
    return readable;
  }

  private static boolean isGuarded(SimClient.Watch watch) {
    return watch.path.startsWith(Workload.GUARDED);
  }
}
