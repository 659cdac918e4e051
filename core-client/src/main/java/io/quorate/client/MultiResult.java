package io.quorate.client;

import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
import java.util.List;

/**
 * What the operations of a multi answered, one for each, in order.
 *
 * @param zxid at which all of them happened
 */
public record MultiResult(long zxid, List<OpResult> results) {
  public MultiResult {
    results = List.copyOf(results);
  }

  /** Result of the create at {@code index}. */
  public Created created(int index) {
    if (results.get(index) instanceof OpResult.Created created) {
      return new Created(created.path(), created.stat());
    }
    throw new IllegalArgumentException("operation %d is no create".formatted(index));
  }

  /** Stat after the create or set at {@code index}. */
  public ZnodeStat stat(int index) {
    OpResult result = results.get(index);
    if (result instanceof OpResult.DataSet set) {
      return set.stat();
    }
    return created(index).stat();
  }
}
