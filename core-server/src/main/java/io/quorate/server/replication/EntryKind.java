package io.quorate.server.replication;

/** What the payload of a log entry is. */
public enum EntryKind {
  /**
   * First entry of an epoch, counter 0: who leads, which cluster. Makes history and epoch durable
   * by the same fsync (R2).
   */
  EPOCH(1),
  /** A command of the state machine; opaque to replication. */
  COMMAND(2),
  /**
   * A new membership: who votes and observes, each with its incarnation. In force once committed.
   */
  MEMBERSHIP(3);

  private final byte wireNumber;

  EntryKind(int wireNumber) {
    this.wireNumber = (byte) wireNumber;
  }

  public byte wireNumber() {
    return wireNumber;
  }

  /** The kind with that number; refuses unknown numbers. */
  public static EntryKind ofWireNumber(int number) {
    for (EntryKind kind : values()) {
      if (kind.wireNumber == number) {
        return kind;
      }
    }
    throw new IllegalArgumentException("unknown entry kind " + number);
  }
}
