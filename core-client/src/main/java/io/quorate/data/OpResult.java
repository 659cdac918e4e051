package io.quorate.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an operation answered: its result, or a {@link Failure}. */
public sealed interface OpResult {

  /** The znode was created under this path (with the digits, for sequential modes). */
  record Created(String path, ZnodeStat stat) implements OpResult {}

  /** The znode was deleted. */
  record Deleted() implements OpResult {}

  /** The data was replaced; the stat after the change. */
  record DataSet(ZnodeStat stat) implements OpResult {}

  /** The condition held. */
  record Checked() implements OpResult {}

  /**
   * Every operation of a multi was applied; one result per operation, in order, none of them a
   * failure.
   */
  record MultiDone(List<OpResult> results) implements OpResult {
    public MultiDone {
      results = List.copyOf(results);
    }
  }

  /** The list was replaced; the stat after the change. */
  record AclSet(ZnodeStat stat) implements OpResult {}

  /** The expiry was set; the stat after the change. */
  record ExpirySet(ZnodeStat stat) implements OpResult {}

  /** An access control list. */
  record AclRead(List<Acl> acl, ZnodeStat stat) implements OpResult {
    public AclRead {
      acl = List.copyOf(acl);
    }
  }

  /** A number of znodes. */
  record Count(long count) implements OpResult {}

  /**
   * A page of paths.
   *
   * @param more whether paths beyond the limit exist
   */
  record Paths(List<String> paths, boolean more) implements OpResult {
    public Paths {
      paths = List.copyOf(paths);
    }
  }

  /** Who the asking connection is. */
  record Identities(List<Identity> identities) implements OpResult {
    public Identities {
      identities = List.copyOf(identities);
    }
  }

  /**
   * The watches are left again.
   *
   * @param resync whether the server's history does not reach back to the point named: persistent
   *     watches among them may have missed changes
   */
  record WatchesResumed(boolean resync) implements OpResult {}

  /** Data and stat. */
  record Data(byte @Nullable [] data, ZnodeStat stat) implements OpResult {}

  /** Stat, or null if the znode does not exist. */
  record Existence(@Nullable ZnodeStat stat) implements OpResult {}

  /**
   * A page of children.
   *
   * @param more whether names beyond the limit exist
   */
  record ChildNames(List<String> names, boolean more, ZnodeStat stat) implements OpResult {
    public ChildNames {
      names = List.copyOf(names);
    }
  }

  /** Done, with nothing to say: sync, watch added or removed, session closed. */
  record Done() implements OpResult {}

  /**
   * A definite refusal: nothing was changed.
   *
   * @param opIndex index of the failing operation in a multi, 0 otherwise
   * @param expected what the condition asked for, where there is one (a version or czxid), else 0
   * @param found what was there instead, else 0
   */
  record Failure(ErrorCode code, int opIndex, long expected, long found) implements OpResult {
    public static Failure of(ErrorCode code) {
      return new Failure(code, 0, 0, 0);
    }
  }
}
