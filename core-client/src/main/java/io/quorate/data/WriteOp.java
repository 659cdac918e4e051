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
    MULTI(6),
    SET_ACL(7),
    SET_EXPIRY(8),
    READ(9);

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

  private static String lengthOf(byte @Nullable [] data) {
    return data == null ? "null" : data.length + " bytes";
  }

  /**
   * Creates a znode.
   *
   * @param path full path; for sequential modes the prefix, which may end in {@code /}
   * @param acl who may do what with it; not empty; handed over like the data
   * @param ttlMillis time to live since the last change of data, for the modes that have one, else
   *     0
   * @param expireAfterMillis deleted, once it has no children, when so much log time has passed
   *     since this entry; 0 = never. Legal with every mode; see {@link SetExpiry}
   */
  record Create(
      String path,
      byte @Nullable [] data,
      CreateMode mode,
      List<Acl> acl,
      long ttlMillis,
      long expireAfterMillis)
      implements WriteOp {
    /** Open to everybody, without end. */
    public Create(String path, byte @Nullable [] data, CreateMode mode) {
      this(path, data, mode, Acl.OPEN, 0, 0);
    }

    @Override
    public Kind kind() {
      return Kind.CREATE;
    }

    /** With the length of the data in its place. */
    @Override
    public String toString() {
      return "Create[path=%s, data=%s, mode=%s, acl=%s, ttlMillis=%d, expireAfterMillis=%d]"
          .formatted(path, lengthOf(data), mode, acl, ttlMillis, expireAfterMillis);
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

    /** With the length of the data in its place. */
    @Override
    public String toString() {
      return "SetData[path=%s, data=%s, expectedVersion=%d]"
          .formatted(path, lengthOf(data), expectedVersion);
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

  /**
   * Replaces the access control list, if the ACL version matches. Fires no watch and changes
   * nothing else.
   *
   * @param expectedAversion {@link #ANY_VERSION} matches every one
   */
  record SetAcl(String path, List<Acl> acl, int expectedAversion) implements WriteOp {
    public SetAcl {
      acl = List.copyOf(acl);
    }

    @Override
    public Kind kind() {
      return Kind.SET_ACL;
    }
  }

  /**
   * Sets or renews the expiry: the znode is deleted, once it has no children, when {@code
   * expireAfterMillis} of log time have passed since this entry. Needs WRITE; fires no watch and
   * changes neither version nor mzxid.
   *
   * @param expireAfterMillis 0 = never
   */
  record SetExpiry(String path, long expireAfterMillis) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.SET_EXPIRY;
    }
  }

  /**
   * A read as one operation of a multi: it sees what the operations before it did, and its failure
   * fails the multi. Legal in a multi only.
   */
  record Read(ReadOp op) implements WriteOp {
    @Override
    public Kind kind() {
      return Kind.READ;
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
