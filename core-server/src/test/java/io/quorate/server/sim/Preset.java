package io.quorate.server.sim;

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
  /** A random subset of everything. */
  SWARM;

  static Preset ofName(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  SimConfig.Faults faults(Xoshiro256 random) {
    Draw draw = new Draw(random);
    return switch (this) {
      case CALM -> SimConfig.Faults.NONE;
      case NET -> draw.faults(0, 0, 0, 0, 0, 2, 2, 3, 2, 0, 4, 0, 0, 0, 0, 0, false);
      case CRASH -> draw.faults(3, 4, 4, 9, 0, 4, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, false);
      case DISK -> draw.faults(6, 2, 0, 12, 0, 0, 0, 8, 0, 0, 0, 0, 8, 9, 0, 4, false);
      case CLOCK -> {
        long leap = random.chance(1, 2) ? 6 : 0;
        yield draw.faults(9, 0, 0, 0, 3, 0, 6, 8, 0, 4, 5, 0, 0, 0, leap, 0, false);
      }
      case SYNC_STORM -> draw.faults(1, 1, 1, 12, 0, 1, 2, 5, 0, 0, 0, 0, 0, 0, 0, 4, true);
      case SESSION -> draw.faults(8, 0, 8, 0, 8, 0, 0, 8, 1, 3, 3, 4, 0, 0, 0, 0, false);
      case SLOW_DISK -> draw.faults(3, 6, 0, 15, 0, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0, 2, false);
      case ROT -> draw.faults(6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, false);
      case DIVERGENCE -> {
        SimConfig.Faults others =
            draw.faults(5, 0, 0, 12, 9, 5, 8, 9, 2, 0, 0, 2, 0, 0, 0, 0, false);
        yield others.withAlterations(
            random.between(SimConfig.SECOND / 2, 2 * SimConfig.SECOND), true);
      }
      case SWARM -> {
        long[] s = new long[16];
        long[] usual = {3, 3, 3, 10, 5, 3, 4, 4, 3, 5, 5, 6, 10, 14, 9, 6};
        for (int i = 0; i < s.length; i++) {
          s[i] = random.chance(1, 2) ? usual[i] : 0;
        }
        SimConfig.Faults drawn =
            draw.faults(
                s[0],
                s[1],
                s[2],
                s[3],
                s[4],
                s[5],
                s[6],
                s[7],
                s[8],
                s[9],
                s[10],
                s[11],
                s[12],
                s[13],
                s[14],
                s[15],
                random.chance(1, 5));
        yield random.chance(1, 2)
            ? drawn
            : drawn.withAlterations(random.between(2, 8) * SimConfig.SECOND, random.chance(1, 2));
      }
    };
  }

  /** Turns usual seconds between faults into the intervals of one run. */
  private record Draw(Xoshiro256 random) {
    SimConfig.Faults faults(
        long death,
        long deathAtDisk,
        long deathBetweenEffects,
        long killAll,
        long pause,
        long cut,
        long blackhole,
        long partition,
        long clientCut,
        long clientPause,
        long clientIsolation,
        long clientDeath,
        long wipe,
        long rot,
        long clockLeap,
        long slowDisk,
        boolean syncPhaseOnly) {
      return new SimConfig.Faults(
          nanos(death),
          nanos(deathAtDisk),
          nanos(deathBetweenEffects),
          nanos(killAll),
          nanos(pause),
          nanos(cut),
          nanos(blackhole),
          nanos(partition),
          nanos(clientCut),
          nanos(clientPause),
          nanos(clientIsolation),
          nanos(clientDeath),
          nanos(wipe),
          nanos(rot),
          nanos(clockLeap),
          nanos(slowDisk),
          syncPhaseOnly,
          0,
          false);
    }

    private long nanos(long seconds) {
      return seconds == 0
          ? 0
          : random.between(seconds * SimConfig.SECOND / 2, seconds * SimConfig.SECOND * 2);
    }
  }
}
