package io.quorate.data;

/** What a watch looks at, and how often it fires. */
public enum WatchKind {
  /**
   * Fires once: data changed or znode deleted. Set by a get, or by an exists that found the znode.
   */
  DATA(1, true),
  /** Fires once: znode created. Set by an exists that found nothing. */
  EXIST(2, true),
  /**
   * Fires once: a child was created or deleted, or the znode itself was deleted. Set by a children
   * read.
   */
  CHILDREN(3, true),
  /**
   * Fires at every creation, deletion, change of data and change of children of the path, until
   * removed.
   */
  PERSISTENT(4, false),

  /**
   * Fires at every creation, deletion and change of data of the path and of all znodes below it,
   * until removed; never for changes of children, which are creations and deletions below.
   */
  PERSISTENT_RECURSIVE(5, false);

  private final int wireNumber;
  private final boolean oneShot;

  WatchKind(int wireNumber, boolean oneShot) {
    this.wireNumber = wireNumber;
    this.oneShot = oneShot;
  }

  public int wireNumber() {
    return wireNumber;
  }

  public boolean isOneShot() {
    return oneShot;
  }

  /** The kind with that number; refuses unknown numbers. */
  public static WatchKind ofWireNumber(int number) {
    for (WatchKind kind : values()) {
      if (kind.wireNumber == number) {
        return kind;
      }
    }
    throw new IllegalArgumentException("unknown watch kind " + number);
  }
}
