package io.quorate.server.sim;

import java.util.Locale;

/**
 * What one run is like, drawn from its seed and preset. Times are nanoseconds; an interval of 0
 * means that this never happens. Limits are small on purpose: they make deep paths shallow.
 */
record SimConfig(
    Preset preset,
    int servers,
    int clients,
    int calls,
    int pipeline,
    long sessionTimeoutMillis,
    long segmentBytes,
    int snapshotEvery,
    int tailBytes,
    long networkDelayNanos,
    long diskDelayNanos,
    long tickNanos,
    int clockRatePpm,
    long safetyNanos,
    Faults faults) {
  /** Numbers of clients begin here, so that a trace can tell them from servers. */
  static final int CLIENT_ID_BASE = 100;

  private static final int RATE_PPM = 50_000;
  private static final int RATE_PPM_WITH_LEAPS = 10_000;

  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;

  /** Mean intervals between faults of each family. */
  record Faults(
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
      boolean syncPhaseOnly,
      long alteration,
      boolean upgrade) {
    static final Faults NONE =
        new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0, false);

    /** The same, and states are altered; servers become newer programs as they restart. */
    Faults withAlterations(long interval, boolean upgrades) {
      return new Faults(
          death,
          deathAtDisk,
          deathBetweenEffects,
          killAll,
          pause,
          cut,
          blackhole,
          partition,
          clientCut,
          clientPause,
          clientIsolation,
          clientDeath,
          wipe,
          rot,
          clockLeap,
          slowDisk,
          syncPhaseOnly,
          interval,
          upgrades);
    }
  }

  /** Draws the configuration of a run. */
  static SimConfig draw(Preset preset, long seed) {
    Xoshiro256 random = Xoshiro256.named(seed, "config/" + preset.name());
    int servers = random.chance(2, 3) ? 3 : 5;
    if (preset == Preset.SWARM && random.chance(1, 12)) {
      servers = 1;
    }
    Faults faults = preset.faults(random);
    return new SimConfig(
        preset,
        servers,
        (int) random.between(2, 5),
        (int) random.between(150, 450),
        (int) (random.chance(1, 3) ? 1 : random.between(2, 12)),
        random.between(1_500, 4_000),
        random.between(4_096, 9_000),
        (int) random.between(5, 50),
        (int) random.between(0, 3_000),
        random.between(100, 4_000) * 1_000L,
        (preset == Preset.SLOW_DISK ? random.between(15, 150) * MILLI : 0)
            + random.between(50, 4_000) * 1_000L,
        10 * MILLI,
        rate(preset, faults),
        random.between(10, 25) * SECOND,
        faults);
  }

  /**
   * How far clocks may be off, parts per million. A leader counts a leap as up to 100 ms; together
   * with 5 % at both ends that would exceed the tenth of the time-out that the safe deadline keeps.
   */
  private static int rate(Preset preset, Faults faults) {
    if (preset != Preset.CLOCK && preset != Preset.SWARM) {
      return 0;
    }
    return faults.clockLeap() > 0 ? RATE_PPM_WITH_LEAPS : RATE_PPM;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "preset=%s servers=%d clients=%d calls=%d pipeline=%d timeout=%dms segment=%dB"
            + " snapshot-every=%d tail=%dB net=%dus disk=%dus clock=%dppm safety=%ds %s",
        preset.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        servers,
        clients,
        calls,
        pipeline,
        sessionTimeoutMillis,
        segmentBytes,
        snapshotEvery,
        tailBytes,
        networkDelayNanos / 1_000,
        diskDelayNanos / 1_000,
        clockRatePpm,
        safetyNanos / SECOND,
        faults);
  }
}
