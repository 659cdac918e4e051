package io.quorate.server.sim;

import io.quorate.data.WatchKind;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;

/**
 * W1, W2, W3: a watch fires before any answer that shows a change it waits for, at most once, and
 * only if there was such a change.
 */
final class WatchBeforeRead extends Checker {
  private final Ghost ghost;

  WatchBeforeRead(Ghost ghost) {
    super("W1");
    this.ghost = ghost;
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED || call.zxid == 0) {
      return;
    }
    for (SimClient.Watch watch : client.openWatches()) {
      if (watch.resumed && watch.kind == WatchKind.EXIST) {
        continue; // what was created and deleted while the link was down may stay unseen
      }
      for (ZnodeChange event : ghost.model().eventsOf(watch.path, watch.sinceZxid, call.zxid)) {
        require(
            !watch.isDue(event),
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
      due |= watch.isDue(event);
    }
    require(
        due,
        client.id(),
        String.format(
            "the %s watch on %s, left at 0x%x, fires at 0x%x without a reason",
            watch.kind, watch.path, watch.sinceZxid, zxid));
  }
}
