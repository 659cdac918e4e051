package io.quorate.server.sim;

/** The families of faults, each with a stream of randomness and a mean interval of its own. */
enum Fault {
  /** A process dies and starts again. */
  DEATH(3),
  /** A process dies at one of its next disk operations. */
  DEATH_AT_DISK(3),
  /** A process dies between two effects of one step. */
  DEATH_BETWEEN_EFFECTS(3),
  /** All processes die. */
  KILL_ALL(10),
  /** A process stands still. */
  PAUSE(5),
  /** The connection of two servers is cut. */
  CUT(3),
  /** One direction between two servers stands still: a one-way cut. */
  BLACKHOLE(4),
  /** The ensemble is split: one alone, two sides, or two sides with a bridge; or one way only. */
  PARTITION(4),
  /** The leader alone is cut off or stands still, while clients go on asking on both sides. */
  DEPOSE(5),
  /** A client's connection is cut. */
  CLIENT_CUT(3),
  /** A client stands still. */
  CLIENT_PAUSE(5),
  /** A client is cut off from one server or all. */
  CLIENT_ISOLATION(5),
  /** A client dies; another one takes its place. */
  CLIENT_DEATH(6),
  /** A server loses its disk. */
  WIPE(10),
  /** Bytes on a disk rot. */
  ROT(14),
  /** A server's clock leaps. */
  CLOCK_LEAP(9),
  /** A disk is slow for a while. */
  SLOW_DISK(6),
  /** The leader's disk hangs: it is alive and of no use. */
  HUNG_DISK(8),
  /** A server's state is altered behind its back. */
  ALTERATION(4),
  /** Something else fills disks for a while: below the reserve, or to the last byte. */
  FULL_DISK(6);

  /** Seconds between two of them in a run that has some of everything. */
  final long usualSeconds;

  Fault(long usualSeconds) {
    this.usualSeconds = usualSeconds;
  }
}
