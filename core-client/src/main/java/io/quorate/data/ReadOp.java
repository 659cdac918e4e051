package io.quorate.data;

/**
 * An operation that only reads. Answered by the server that holds the connection, after the
 * session's earlier writes.
 */
public sealed interface ReadOp {

  /** Data and stat of a znode. */
  record Get(String path) implements ReadOp {}

  /** Stat of a znode, or the fact that it does not exist (which is a result, not an error). */
  record Exists(String path) implements ReadOp {}

  /**
   * Names of the direct children, in name order, with the stat of the parent.
   *
   * @param afterName only names greater than this; empty for all
   * @param limit at most so many names, 1 or more
   */
  record Children(String path, String afterName, int limit) implements ReadOp {
    public Children {
      if (limit < 1) {
        throw new IllegalArgumentException("limit must be 1 or more, found " + limit);
      }
    }
  }

  /**
   * The access control list of a znode. Without ADMIN the hashes of digest identities are masked.
   */
  record GetAcl(String path) implements ReadOp {}

  /**
   * How many znodes are below this one.
   *
   * @param atMost the read fails with {@link ErrorCode#QUOTA_EXCEEDED} if there are more, and with
   *     it the multi that it is in: a bound that holds among everybody who writes so
   */
  record SubtreeCount(String path, long atMost) implements ReadOp {
    /** Larger than any count. */
    public static final long NO_BOUND = Long.MAX_VALUE;

    public SubtreeCount {
      if (atMost < 0) {
        throw new IllegalArgumentException("atMost must be 0 or more, found " + atMost);
      }
    }

    public SubtreeCount(String path) {
      this(path, NO_BOUND);
    }
  }

  /**
   * Paths of the ephemerals of the asking session, in order, a page at a time.
   *
   * @param path plain prefix; empty or {@code /} for all
   * @param afterPath only paths greater than this; empty for all
   * @param limit at most so many paths, 1 or more
   */
  record Ephemerals(String path, String afterPath, int limit) implements ReadOp {
    public Ephemerals {
      if (limit < 1) {
        throw new IllegalArgumentException("limit must be 1 or more, found " + limit);
      }
    }
  }

  /** The identities of the asking connection. */
  record WhoAmI() implements ReadOp {
    @Override
    public String path() {
      return ZnodePath.ROOT;
    }
  }

  String path();
}
