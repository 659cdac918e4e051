package io.quorate.data;

import java.util.Locale;

/**
 * The position of an entry in the replicated log, as a {@code long}: epoch in the upper 32 bits
 * (below 2^31), counter in the lower 32.
 *
 * <p>Zxids of one ensemble are totally ordered by plain {@code long} comparison, because the epoch
 * stays below 2^31. Counter 0 is the epoch record that opens an epoch. 0 means "before everything".
 * A zxid serves as fencing token wherever a recipe grants something.
 */
public final class Zxid {
  /** Before every entry: an empty history. */
  public static final long NONE = 0L;

  /** Epochs are below this bound, so that zxids compare as signed longs. */
  public static final long EPOCH_LIMIT = 1L << 31;

  /** Largest counter value inside one epoch. */
  public static final long COUNTER_MAX = 0xFFFF_FFFFL;

  private Zxid() {}

  /** Joins both halves; refuses values out of range. */
  public static long of(long epoch, long counter) {
    if (epoch < 0 || epoch >= EPOCH_LIMIT) {
      throw new IllegalArgumentException("epoch must be in [0, 2^31), found " + epoch);
    }
    if (counter < 0 || counter > COUNTER_MAX) {
      throw new IllegalArgumentException("counter must be in [0, 2^32), found " + counter);
    }
    return epoch << 32 | counter;
  }

  public static long epoch(long zxid) {
    return zxid >>> 32;
  }

  public static long counter(long zxid) {
    return zxid & COUNTER_MAX;
  }

  /** The form used in messages, logs and the command line: {@code 0x} and lower-case hex digits. */
  public static String format(long zxid) {
    return String.format(Locale.ROOT, "0x%x", zxid);
  }
}
