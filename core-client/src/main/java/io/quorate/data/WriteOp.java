package io.quorate.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation that changes the tree, or is evaluated with those that do. Travels unchanged from
 * the caller through the log to apply.
 *
 * <p>Paths are carried as given; they are validated at apply (see {@link ZnodePath}), with {@link
 * ErrorCode#BAD_ARGUMENTS} as the answer.
 */
public sealed interface WriteOp {

  /** Pins the number of each operation in the log and on the wire. Numbers are never reused. */
  enum Kind {
    CREATE(1),
    DELETE(2),
    SET_DATA(3),
    CHECK_VERSION(4),
    CHECK_CZXID(5),
    MULTI(6);

    private final int wireNumber;

    Kind(int wireNumber) {
      this.wireNumber = wireNumber;
    }

    public int wireNumber() {
      return wireNumber;
    }

    /** The kind with that number; refuses unknown numbers. */
    public static Kind ofWireNumber(int number) {
      for (Kind kind : values()) {
        if (kind.wireNumber == number) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown operation kind " + number);
    }
  }

  /** Expected version that matches every version. */
  int ANY_VERSION = -1;

  Kind kind();

  /**
   * Creates a znode.
   *
   * @param path full path; for sequential modes the prefix, which may end in {@code /}
   */
  record Create(String path, byte @Nullable [] data, CreateMode mode) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.CREATE;
    }
  }

  /** Deletes a znode without children, if its version matches. */
  record Delete(String path, int expectedVersion) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.DELETE;
    }
  }

  /** Replaces the data of a znode, if its version matches. */
  record SetData(String path, byte @Nullable [] data, int expectedVersion) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.SET_DATA;
    }
  }

  /** Changes nothing; fails unless the znode exists with that version. */
  record CheckVersion(String path, int expectedVersion) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.CHECK_VERSION;
    }
  }

  /**
   * Changes nothing; fails unless the znode exists in the life that began at {@code expectedCzxid}.
   * The guard of every grant.
   */
  record CheckCzxid(String path, long expectedCzxid) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.CHECK_CZXID;
    }
  }

  /** All operations at one zxid, or none. Holds no multi; not empty. */
  record Multi(List<WriteOp> ops) implements WriteOp {
    public Multi {
      ops = List.copyOf(ops);
      if (ops.isEmpty()) {
        throw new IllegalArgumentException("a multi needs at least one operation");
      }
      for (WriteOp op : ops) {
        if (op instanceof Multi) {
          throw new IllegalArgumentException("a multi can't hold another multi");
        }
      }
    }

    @Override
    public Kind kind() {
      return Kind.MULTI;
    }
  }
}
