package io.quorate.data;

/**
 * How a znode is created: whether its session owns it, and whether the server completes its name.
 */
public enum CreateMode {
  /** Stays until it is deleted. */
  PERSISTENT(0, false, false),
  /** Is deleted with the session that created it; can have no children. */
  EPHEMERAL(1, true, false),
  /** Persistent; the server appends ten digits: the parent's creation counter. */
  PERSISTENT_SEQUENTIAL(2, false, true),
  /** Ephemeral; the server appends ten digits: the parent's creation counter. */
  EPHEMERAL_SEQUENTIAL(3, true, true);

  private final int wireNumber;
  private final boolean ephemeral;
  private final boolean sequential;

  CreateMode(int wireNumber, boolean ephemeral, boolean sequential) {
    this.wireNumber = wireNumber;
    this.ephemeral = ephemeral;
    this.sequential = sequential;
  }

  /** The number in logs and on the wire (ZooKeeper's flag value); never changes. */
  public int wireNumber() {
    return wireNumber;
  }

  public boolean isEphemeral() {
    return ephemeral;
  }

  public boolean isSequential() {
    return sequential;
  }

  /** The mode with that wire number; refuses unknown numbers. */
  public static CreateMode ofWireNumber(int number) {
    for (CreateMode mode : values()) {
      if (mode.wireNumber == number) {
        return mode;
      }
    }
    throw new IllegalArgumentException("create mode must be in [0, 3], found " + number);
  }
}
