package io.quorate.server.sim;

import java.util.TreeMap;

/**
 * C2, C3, C4: the answers of a session come in the order of its calls; its writes take effect in
 * that order; a read sees everything that the session has seen before, whichever server answers.
 */
final class SessionOrder extends Checker {
  private static final class Seen {
    long number;
    long writeZxid;
    long zxid;
  }

  private final TreeMap<Long, Seen> sessions = new TreeMap<>();

  SessionOrder() {
    super("C3");
  }

  @Override
  void answered(SimClient client, Call call) {
    if (call.outcome != Call.Outcome.ANSWERED || call.zxid == 0) {
      return;
    }
    Seen seen = sessions.computeIfAbsent(call.session, key -> new Seen());
    require(
        call.number > seen.number,
        client.id(),
        "call " + call.number + " is answered after call " + seen.number + ": " + call);
    seen.number = call.number;
    if (call.read != null || call.sync) {
      require(
          call.zxid >= seen.zxid,
          client.id(),
          String.format("%s is answered at 0x%x after 0x%x was seen", call, call.zxid, seen.zxid));
    } else if (call.write != null) {
      require(
          call.zxid > seen.writeZxid,
          client.id(),
          String.format(
              "%s is answered at 0x%x after an earlier write at 0x%x",
              call, call.zxid, seen.writeZxid));
      seen.writeZxid = call.zxid;
    }
    seen.zxid = Math.max(seen.zxid, call.zxid);
  }
}
