package io.quorate.server.replication;

/**
 * How much room a disk has left, or that of an ensemble.
 *
 * @param usableBytes as measured last
 */
public record DiskSpace(Level level, long usableBytes) {
  /** Before anything was measured. */
  public static final DiskSpace UNKNOWN = new DiskSpace(Level.AMPLE, Long.MAX_VALUE);

  /** From good to bad. */
  public enum Level {
    /** More than the reserve. */
    AMPLE(0),
    /** Below the reserve: nothing that grows is taken any more. */
    LOW(1),
    /** Below a small part of the reserve: nothing is logged any more. */
    SCARCE(2);

    private final int wireNumber;

    Level(int wireNumber) {
      this.wireNumber = wireNumber;
    }

    public int wireNumber() {
      return wireNumber;
    }

    /** The level with that number; refuses unknown numbers. */
    public static Level ofWireNumber(int number) {
      for (Level level : values()) {
        if (level.wireNumber == number) {
          return level;
        }
      }
      throw new IllegalArgumentException("unknown level of disk space " + number);
    }
  }

  /** Whether there is more than the reserve. */
  public boolean isAmple() {
    return level == Level.AMPLE;
  }

  /** Whether the level is a better one. */
  public boolean isBetterThan(DiskSpace other) {
    return level.compareTo(other.level) < 0;
  }
}
