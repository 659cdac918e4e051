package io.quorate.server.sim;

import java.util.EnumMap;
import java.util.Locale;

/** Which families of faults a run may have. */
enum Preset {
  /** No faults: must be perfect. */
  CALM,
  /** Cuts, blackholes, partitions of the links between servers; cuts at clients. */
  NET,
  /** Deaths of processes at any point, alone and together. */
  CRASH,
  /** Deaths at disk operations, slow disks, wiped and rotten disks. */
  DISK,
  /** Clocks off by 5 %, leaps, pauses. */
  CLOCK,
  /** Deaths and cuts aimed at servers that are synchronizing with a leader. */
  SYNC_STORM,
  /** Clients that move, pause beyond their time-out and lose their links. */
  SESSION,
  /** Disks far slower than the links, which are cut: roles change while writes are under way. */
  SLOW_DISK,
  /** Bytes rot on one disk after the other. */
  ROT,
  /** Servers whose state is altered, among deaths and cuts; servers that are upgraded. */
  DIVERGENCE,
  /** Disks run full and are freed again, among deaths and cuts; little memory is to be used. */
  LOW_DISK,
  /** A random subset of everything. */
  SWARM;

  static Preset ofName(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  SimConfig.Faults faults(Xoshiro256 random) {
    Draw draw = new Draw(random);
    switch (this) {
      case CALM -> {}
      case NET ->
          draw.with(Fault.CUT, 2)
              .with(Fault.BLACKHOLE, 2)
              .with(Fault.PARTITION, 3)
              .with(Fault.DEPOSE, 4)
              .with(Fault.CLIENT_CUT, 2)
              .with(Fault.CLIENT_ISOLATION, 4);
      case CRASH ->
          draw.with(Fault.DEATH, 3)
              .with(Fault.DEATH_AT_DISK, 4)
              .with(Fault.DEATH_BETWEEN_EFFECTS, 4)
              .with(Fault.KILL_ALL, 9)
              .with(Fault.CUT, 4)
              .with(Fault.CLIENT_DEATH, 8);
      case DISK ->
          draw.with(Fault.DEATH, 6)
              .with(Fault.DEATH_AT_DISK, 2)
              .with(Fault.KILL_ALL, 12)
              .with(Fault.PARTITION, 8)
              .with(Fault.WIPE, 8)
              .with(Fault.ROT, 9)
              .with(Fault.SLOW_DISK, 4);
      case SYNC_STORM ->
          draw.with(Fault.DEATH, 1)
              .with(Fault.DEATH_AT_DISK, 1)
              .with(Fault.DEATH_BETWEEN_EFFECTS, 1)
              .with(Fault.KILL_ALL, 12)
              .with(Fault.CUT, 1)
              .with(Fault.BLACKHOLE, 2)
              .with(Fault.PARTITION, 5)
              .with(Fault.SLOW_DISK, 4);
      case SESSION ->
          draw.with(Fault.DEATH, 8)
              .with(Fault.DEATH_BETWEEN_EFFECTS, 8)
              .with(Fault.PAUSE, 8)
              .with(Fault.PARTITION, 8)
              .with(Fault.CLIENT_CUT, 1)
              .with(Fault.CLIENT_PAUSE, 3)
              .with(Fault.CLIENT_ISOLATION, 3)
              .with(Fault.CLIENT_DEATH, 4);
      case SLOW_DISK ->
          draw.with(Fault.DEATH, 3)
              .with(Fault.DEATH_AT_DISK, 6)
              .with(Fault.KILL_ALL, 15)
              .with(Fault.CUT, 1)
              .with(Fault.BLACKHOLE, 1)
              .with(Fault.PARTITION, 4)
              .with(Fault.HUNG_DISK, 6)
              .with(Fault.SLOW_DISK, 2);
      case ROT -> draw.with(Fault.DEATH, 6).with(Fault.ROT, 1);
      case CLOCK -> {
        draw.with(Fault.DEATH, 9).with(Fault.PAUSE, 3).with(Fault.BLACKHOLE, 6);
        draw.with(Fault.PARTITION, 8).with(Fault.CLIENT_PAUSE, 4).with(Fault.CLIENT_ISOLATION, 5);
        if (random.chance(1, 2)) {
          draw.with(Fault.CLOCK_LEAP, 6);
        }
      }
      case DIVERGENCE ->
          draw.with(Fault.DEATH, 5)
              .with(Fault.KILL_ALL, 12)
              .with(Fault.PAUSE, 9)
              .with(Fault.CUT, 5)
              .with(Fault.BLACKHOLE, 8)
              .with(Fault.PARTITION, 9)
              .with(Fault.CLIENT_CUT, 2)
              .with(Fault.CLIENT_DEATH, 2)
              .with(Fault.ALTERATION, 1);
      case LOW_DISK ->
          draw.with(Fault.DEATH, 6)
              .with(Fault.DEATH_AT_DISK, 8)
              .with(Fault.PARTITION, 9)
              .with(Fault.DEPOSE, 9)
              .with(Fault.SLOW_DISK, 9)
              .with(Fault.WIPE, 15)
              .with(Fault.CLIENT_DEATH, 8)
              .with(Fault.FULL_DISK, 3);
      case SWARM -> {
        for (Fault fault : Fault.values()) {
          if (random.chance(1, 2)) {
            draw.with(fault, fault.usualSeconds);
          }
        }
      }
    }
    boolean syncPhaseOnly = this == SYNC_STORM || (this == SWARM && random.chance(1, 5));
    boolean upgrade = this == DIVERGENCE || (this == SWARM && random.chance(1, 4));
    return new SimConfig.Faults(draw.intervals, syncPhaseOnly, upgrade);
  }

  /** Turns usual seconds between faults into the intervals of one run. */
  private static final class Draw {
    final EnumMap<Fault, Long> intervals = new EnumMap<>(Fault.class);
    private final Xoshiro256 random;

    Draw(Xoshiro256 random) {
      this.random = random;
    }

    Draw with(Fault fault, long seconds) {
      intervals.put(
          fault, random.between(seconds * SimConfig.SECOND / 2, seconds * SimConfig.SECOND * 2));
      return this;
    }
  }
}
