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
