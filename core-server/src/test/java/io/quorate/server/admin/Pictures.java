package io.quorate.server.admin;

import io.quorate.data.Zxid;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.replication.PeerStatus;
import io.quorate.server.replication.ReplicaStatus;
import java.util.List;

/** Pictures of a node for tests: a follower of server 3 that serves and is up to date. */
final class Pictures {
  private static final long APPLIED = Zxid.of(5, 100);

  private long atNanos;
  private boolean serving = true;
  private String reason = "";
  private String alarm = "";
  private String shortage = "";
  private long leaderZxid = APPLIED;
  private long caughtUpNanos;

  private Pictures() {}

  static Pictures serving() {
    return new Pictures();
  }

  Pictures at(long nanos) {
    atNanos = nanos;
    return this;
  }

  Pictures notServing(String why) {
    serving = false;
    reason = why;
    return this;
  }

  Pictures shortOf(String text) {
    shortage = text;
    return this;
  }

  Pictures alarm(String text) {
    alarm = text;
    return this;
  }

  Pictures behind(long entries, long sinceNanos) {
    leaderZxid = APPLIED + entries;
    caughtUpNanos = sinceNanos;
    return this;
  }

  NodeStatus build() {
    return new NodeStatus(
        new ReplicaStatus(1, ReplicaStatus.Role.FOLLOWER, 3, 5, true, APPLIED, APPLIED, 0),
        serving,
        APPLIED,
        -2,
        7,
        8,
        9,
        10,
        new NodeStatus.Detail(
            atNanos,
            0,
            caughtUpNanos,
            leaderZxid,
            1_000,
            0,
            1,
            0,
            reason,
            0,
            0,
            alarm,
            shortage,
            0,
            -1,
            List.of(new PeerStatus(3, true, true, PeerStatus.Sync.NONE, true, 0, -1))));
  }
}
