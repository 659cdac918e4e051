package io.quorate.server.sim;

/**
 * Rare situations that a batch of runs must have reached: a simulator that never gets there proves
 * nothing about them.
 */
enum Mark {
  /** A leader declared an entry committed. */
  COMMIT,
  /** A second leader was established after the first. */
  LEADER_CHANGE,
  /** A session ended because its client was silent. */
  EXPIRY,
  /** A session that nobody spoke for was left when all was healed. */
  SILENT_AT_END,
  /** A session was attached to another server. */
  SESSION_MOVED,
  /** A client re-sent a write that had been applied and got the first answer. */
  ANSWER_REPEATED,
  /** A client signalled LOST. */
  LOST,
  /** A write's outcome stayed unknown because its session died. */
  OUTCOME_UNKNOWN,
  /** An observer followed a leader and served. */
  OBSERVER_SERVES,
  /** An observer was sent a snapshot. */
  OBSERVER_SNAP,
  /** A follower had exactly the leader's history. */
  SYNC_NOTHING,
  /** A follower was sent what it missed. */
  SYNC_DIFF,
  /** A follower was told to cut. */
  SYNC_TRUNC,
  /** A follower was told to cut, and sent what it missed. */
  SYNC_TRUNC_DIFF,
  /** A follower was sent a snapshot. */
  SYNC_SNAP,
  /** A server cut entries from its durable log. */
  TRUNCATION,
  /** A server replaced its history by a snapshot of the leader. */
  SNAPSHOT_INSTALLED,
  /** A server's state was made to differ. */
  ALTERED,
  /** A server found that its state differs, and was rebuilt. */
  REBUILT,
  /** Nobody could say for a while whose state is right. */
  ALARM,
  /** All servers know newer rules, and they are in force. */
  VERSION_RAISED,
  /** A person restarted a server whose state differed after its rebuild. */
  OPERATOR_RESTARTS,
  /** A server wrote a snapshot of its own. */
  SNAPSHOT_TAKEN,
  /** A server started from a snapshot and a log after it. */
  RESTART_FROM_SNAPSHOT,
  /** A process died in the middle of a disk operation. */
  DEATH_AT_DISK_OPERATION,
  /** A process died between two effects of one step. */
  DEATH_BETWEEN_EFFECTS,
  /** A power cut threw away something that was not synced. */
  UNSYNCED_LOST,
  /** A process died before the disk work that it had asked for was done. */
  DEATH_WITH_DISK_WORK_PENDING,
  /** All processes were dead at once. */
  ALL_DEAD,
  /** A server lost its disk. */
  WIPE,
  /** A wiped server counted again, under a new incarnation. */
  READMITTED,
  /** Bytes on a disk rotted. */
  ROT,
  /** A server with a damaged log said so and stopped. */
  ROT_FOUND,
  /** A server halted itself. */
  HALT,
  /** Links between servers were cut. */
  LINK_CUT,
  /** A direction of a link stood still. */
  BLACKHOLE,
  /** The ensemble was split. */
  PARTITION,
  /** A process stood still. */
  PAUSE,
  /** A clock leapt ahead. */
  CLOCK_LEAP,
  /** The disk of a leader hung. */
  LEADERS_DISK_HANGS,
  /** The disk of a server was filled by something else. */
  DISK_FILLED,
  /** A process ended because its disk was full to the last byte. */
  DISK_FULL_ENDS,
  /** A snapshot was put off because it would not have left enough room. */
  SNAPSHOT_POSTPONED,
  /** A write was refused for want of disk space. */
  INSUFFICIENT_SPACE,
  /** A write was refused for want of memory. */
  OVERLOADED,
  /** An altered state was right again before anybody compared it. */
  DIFFERENCE_VANISHED,
  /** A one-shot watch fired. */
  WATCH_FIRED,
  /** A persistent watch was told of a change. */
  LASTING_WATCH_TOLD,
  /** A persistent watch was told, after a move, of a change that was committed before it. */
  TOLD_FROM_HISTORY,
  /** A persistent watch was told to read anew. */
  RESYNC,
  /** A change was not told to who may not read the znode. */
  EVENT_FILTERED,
  /** A linearizable read or a sync was answered. */
  LINEARIZABLE,
  /** The same, by a server that was a follower. */
  LINEARIZABLE_AT_FOLLOWER,
  /** The same, by an observer. */
  LINEARIZABLE_AT_OBSERVER,
  /** A linearizable read or a sync was sent to a leader of an epoch that was over. */
  LINEARIZABLE_AT_DEPOSED,
  /** A read was answered by a server that was behind what was committed. */
  STALE_READ,
  /** A call was refused because of an access control list. */
  NO_AUTH,
  /** An access control list was refused. */
  INVALID_ACL,
  /** A quota refused a write. */
  QUOTA_EXCEEDED,
  /** The ensemble deleted a znode whose time was up. */
  SWEPT,
  /** A sweep spared a znode that was not what the leader had seen, or not due any more. */
  SWEEP_SPARED,
  /** A client held the lock. */
  LOCK_HELD,
  /** A guarded write was refused because its guard was gone. */
  GUARD_REFUSED,
  /** A multi was refused as a whole. */
  MULTI_REFUSED
}
