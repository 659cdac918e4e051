package io.quorate.server.sim;

import io.quorate.server.config.ConfigKeys;
import io.quorate.server.storage.file.SegmentSize;
import java.util.EnumMap;
import java.util.Locale;

/**
 * What one run is like, drawn from its seed and preset. Times are nanoseconds; an interval of 0
 * means that this never happens. Limits are small on purpose: they make deep paths shallow.
 *
 * @param servers voters and observers together; their ids are 1 to {@code servers}
 * @param observerIds bit {@code 1 << id} for each server that is an observer
 */
record SimConfig(
    Preset preset,
    int servers,
    int observerIds,
    int clients,
    int calls,
    int pipeline,
    long sessionTimeoutMillis,
    long segmentBytes,
    int snapshotEvery,
    int tailBytes,
    int historyChanges,
    int sliceWork,
    int turnSlices,
    long dueEveryNanos,
    long containersEveryNanos,
    long memoryBudgetBytes,
    long diskReserveBytes,
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

  /** Drawn from at random. */
  private static final int[] VOTERS = {1, 3, 3, 3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 5, 7, 7};

  private static final int SEGMENT_BYTES_MIN = 4_096;
  private static final int SEGMENT_BYTES_MAX = 9_000;

  /** As small as a configuration may say, and up to so many times that. */
  private static final int RESERVE_GROWTH_MAX = 2;

  private static final int[] HISTORIES = {0, 4, 25, 150, 10_000};

  /** Work of a slice on watches, and slices of a turn: small ones cut what fires everywhere. */
  private static final int[] SLICES = {1, 1, 2, 3, 128};

  private static final int[] OBSERVERS = {0, 0, 0, 1, 1, 2};

  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;

  /**
   * Mean intervals between faults of each family; those that are not named never happen.
   *
   * @param syncPhaseOnly whether servers that synchronize with a leader are the first targets
   * @param upgrade whether servers become newer programs as they restart
   */
  record Faults(EnumMap<Fault, Long> intervals, boolean syncPhaseOnly, boolean upgrade) {
    long interval(Fault fault) {
      return intervals.getOrDefault(fault, 0L);
    }
  }

  /** Draws the configuration of a run. */
  static SimConfig draw(Preset preset, long seed) {
    Xoshiro256 random = Xoshiro256.named(seed, "config/" + preset.name());
    Xoshiro256 shape = Xoshiro256.named(seed, "shape/" + preset.name());
    Xoshiro256 slices = Xoshiro256.named(seed, "slices/" + preset.name());
    Xoshiro256 sweeps = Xoshiro256.named(seed, "sweeps/" + preset.name());
    Xoshiro256 sizes = Xoshiro256.named(seed, "sizes/" + preset.name());
    int voters = VOTERS[shape.below(VOTERS.length)];
    int observers = OBSERVERS[shape.below(OBSERVERS.length)];
    int servers = voters + observers;
    Faults faults = preset.faults(random);
    long segmentBytes = sizes.between(SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX);
    return new SimConfig(
        preset,
        servers,
        observerIds(shape, servers, observers),
        (int) random.between(2, 5),
        (int) random.between(150, 450),
        (int) (random.chance(1, 3) ? 1 : random.between(2, 12)),
        random.between(1_500, 4_000),
        segmentBytes,
        (int) random.between(5, 50),
        (int) random.between(0, 3_000),
        HISTORIES[shape.below(HISTORIES.length)],
        SLICES[slices.below(SLICES.length)],
        slices.chance(1, 4) ? Integer.MAX_VALUE : (int) slices.between(1, 3),
        sweeps.chance(1, 3) ? 250 * MILLI : sweeps.between(10, 50) * MILLI,
        sweeps.chance(1, 3) ? 700 * MILLI : sweeps.between(10, 100) * MILLI,
        memoryBudget(preset, shape),
        faults.interval(Fault.FULL_DISK) > 0
            ? SegmentSize.fileBytes((int) segmentBytes)
                * shape.between(
                    ConfigKeys.DISK_RESERVE_SEGMENTS_MIN,
                    RESERVE_GROWTH_MAX * ConfigKeys.DISK_RESERVE_SEGMENTS_MIN)
            : 0,
        random.between(100, 4_000) * 1_000L,
        (preset == Preset.SLOW_DISK ? random.between(15, 150) * MILLI : 0)
            + random.between(50, 4_000) * 1_000L,
        10 * MILLI,
        rate(preset, faults),
        random.between(10, 25) * SECOND,
        faults);
  }

  /** What the state takes is mostly about 20,000 bytes at the end of a run. */
  private static long memoryBudget(Preset preset, Xoshiro256 shape) {
    return preset == Preset.LOW_DISK && shape.chance(1, 2)
        ? shape.between(8_000, 20_000)
        : Long.MAX_VALUE;
  }

  /** Any ids: observers are not the last ones only. */
  private static int observerIds(Xoshiro256 shape, int servers, int observers) {
    int drawn = 0;
    while (Integer.bitCount(drawn) < observers) {
      drawn |= 1 << (1 + shape.below(servers));
    }
    return drawn;
  }

  boolean isVoter(int id) {
    return (observerIds & 1 << id) == 0;
  }

  int voters() {
    return servers - Integer.bitCount(observerIds);
  }

  /**
   * How far clocks may be off, parts per million. A leader counts a leap as up to 100 ms; together
   * with 5 % at both ends that would exceed the tenth of the time-out that the safe deadline keeps.
   */
  private static int rate(Preset preset, Faults faults) {
    if (preset != Preset.CLOCK && preset != Preset.SWARM) {
      return 0;
    }
    return faults.interval(Fault.CLOCK_LEAP) > 0 ? RATE_PPM_WITH_LEAPS : RATE_PPM;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "preset=%s voters=%d observers=%d clients=%d calls=%d pipeline=%d timeout=%dms segment=%dB"
            + " snapshot-every=%d tail=%dB history=%d slice=%dx%d sweeps=%d/%dms memory=%dB"
            + " reserve=%dB net=%dus disk=%dus clock=%dppm safety=%ds %s",
        preset.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        voters(),
        servers - voters(),
        clients,
        calls,
        pipeline,
        sessionTimeoutMillis,
        segmentBytes,
        snapshotEvery,
        tailBytes,
        historyChanges,
        sliceWork,
        turnSlices,
        dueEveryNanos / MILLI,
        containersEveryNanos / MILLI,
        memoryBudgetBytes,
        diskReserveBytes,
        networkDelayNanos / 1_000,
        diskDelayNanos / 1_000,
        clockRatePpm,
        safetyNanos / SECOND,
        faults);
  }
}
