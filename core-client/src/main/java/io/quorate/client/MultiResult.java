package io.quorate.client;

import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
import java.util.List;
import java.util.Optional;

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
    return Readings.created(result(OpResult.Created.class, index), zxid);
  }

  /** Stat after the create, set, setAcl or setExpiry, or found by the read, at {@code index}. */
  public ZnodeStat stat(int index) {
    OpResult result = results.get(index);
    if (result instanceof OpResult.Created created) {
      return created.stat();
    }
    if (result instanceof OpResult.Data data) {
      return data.stat();
    }
    if (result instanceof OpResult.ChildNames names) {
      return names.stat();
    }
    if (result instanceof OpResult.AclRead read) {
      return read.stat();
    }
    if (result instanceof OpResult.AclSet
        || result instanceof OpResult.DataSet
        || result instanceof OpResult.ExpirySet) {
      return Readings.stat(result, zxid);
    }
    throw new IllegalArgumentException(
        "operation %d has no stat, it answered %s".formatted(index, name(result)));
  }

  /** What the get at {@code index} found. */
  public Znode znode(int index) {
    return Readings.znode(result(OpResult.Data.class, index), zxid);
  }

  /** What the exists at {@code index} found; nothing if there is no such znode. */
  public Optional<ZnodeStat> existence(int index) {
    return Readings.existence(result(OpResult.Existence.class, index), zxid);
  }

  /** What the children at {@code index} found. */
  public ChildrenPage children(int index) {
    return Readings.childrenPage(result(OpResult.ChildNames.class, index), zxid);
  }

  /** What the getAcl at {@code index} found. */
  public ZnodeAcl acl(int index) {
    return Readings.acl(result(OpResult.AclRead.class, index), zxid);
  }

  /** What the subtreeCount at {@code index} found. */
  public long count(int index) {
    return Readings.count(result(OpResult.Count.class, index), zxid);
  }

  private OpResult result(Class<? extends OpResult> type, int index) {
    OpResult result = results.get(index);
    if (!type.isInstance(result)) {
      throw new IllegalArgumentException(
          "operation %d answered %s, asked for %s"
              .formatted(index, name(result), type.getSimpleName()));
    }
    return result;
  }

  private static String name(OpResult result) {
    return result.getClass().getSimpleName();
  }
}
