package io.quorate.data;

/**
 * One change that a watch reports.
 *
 * @param path the znode concerned
 * @param zxid the entry that made the change
 */
public record WatchEvent(Type type, String path, long zxid) {

  /** ZooKeeper's numbers. */
  public enum Type {
    NODE_CREATED(1),
    NODE_DELETED(2),
    NODE_DATA_CHANGED(3),
    NODE_CHILDREN_CHANGED(4);

    private final int wireNumber;

    Type(int wireNumber) {
      this.wireNumber = wireNumber;
    }

    public int wireNumber() {
      return wireNumber;
    }

    /** The type with that number; refuses unknown numbers. */
    public static Type ofWireNumber(int number) {
      for (Type type : values()) {
        if (type.wireNumber == number) {
          return type;
        }
      }
      throw new IllegalArgumentException("unknown event type " + number);
    }
  }
}
