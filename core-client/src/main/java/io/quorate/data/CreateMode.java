package io.quorate.data;

/**
 * How a znode is created: whether its session owns it, whether the server completes its name, and
 * when the ensemble deletes it by itself.
 */
public enum CreateMode {
  /** Stays until it is deleted. */
  PERSISTENT(0, false, false),
  /** Is deleted with the session that created it; can have no children. */
  EPHEMERAL(1, true, false),
  /** Persistent; the server appends ten digits: the parent's creation counter. */
  PERSISTENT_SEQUENTIAL(2, false, true),
  /** Ephemeral; the server appends ten digits: the parent's creation counter. */
  EPHEMERAL_SEQUENTIAL(3, true, true),

  /** Is deleted by the ensemble some time after its last child went. */
  CONTAINER(4, false, false),

  /**
   * Is deleted by the ensemble once it has no children and its data was not changed for its time to
   * live.
   */
  PERSISTENT_TTL(5, false, false),

  /** Like {@link #PERSISTENT_TTL}; the server appends ten digits. */
  PERSISTENT_SEQUENTIAL_TTL(6, false, true);

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

  public boolean isContainer() {
    return this == CONTAINER;
  }

  /** Whether a time to live must be given. */
  public boolean hasTtl() {
    return this == PERSISTENT_TTL || this == PERSISTENT_SEQUENTIAL_TTL;
  }

  /** The mode with that wire number; refuses unknown numbers. */
  public static CreateMode ofWireNumber(int number) {
    for (CreateMode mode : values()) {
      if (mode.wireNumber == number) {
        return mode;
      }
    }
    throw new IllegalArgumentException("create mode must be in [0, 6], found " + number);
  }
}
