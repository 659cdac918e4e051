package io.quorate.client;

import io.quorate.data.CreateMode;
import io.quorate.data.WriteOp;
import org.jspecify.annotations.Nullable;

/** One operation of a multi. Immutable, but for the array handed in, which must not change. */
public final class Op {
  private final WriteOp write;
  private final boolean guard;

  private Op(WriteOp write, boolean guard) {
    this.write = write;
    this.guard = guard;
  }

  /** Fails unless the znode exists with that version. */
  public static Op check(String path, int version) {
    return new Op(new WriteOp.CheckVersion(Paths.valid(path), version), false);
  }

  /** Fails unless the znode exists in the life that began at {@code czxid}. */
  public static Op checkCzxid(String path, long czxid) {
    return new Op(new WriteOp.CheckCzxid(Paths.valid(path), czxid), false);
  }

  /**
   * Like {@link #checkCzxid}, for the znode that stands for a grant: the multi fails with {@link
   * GrantLostException} unless the grant is still held.
   */
  public static Op guard(String path, long fencingToken) {
    return new Op(new WriteOp.CheckCzxid(Paths.valid(path), fencingToken), true);
  }

  /** Replaces the data. */
  public static Op set(String path, byte @Nullable [] data) {
    return set(path, data, WriteOp.ANY_VERSION);
  }

  /** Replaces the data if the znode has that version. */
  public static Op set(String path, byte @Nullable [] data, int version) {
    return new Op(new WriteOp.SetData(Paths.valid(path), data, version), false);
  }

  /** Creates a persistent znode. */
  public static Op create(String path, byte @Nullable [] data) {
    return create(path, data, CreateMode.PERSISTENT);
  }

  public static Op create(String path, byte @Nullable [] data, CreateMode mode) {
    return new Op(new WriteOp.Create(Paths.validToCreate(path, mode), data, mode), false);
  }

  /** Deletes the znode, which has no children. */
  public static Op delete(String path) {
    return delete(path, WriteOp.ANY_VERSION);
  }

  /** Deletes the znode if it has that version. */
  public static Op delete(String path, int version) {
    return new Op(new WriteOp.Delete(Paths.valid(path), version), false);
  }

  WriteOp write() {
    return write;
  }

  /** Whether a failure means that a grant was lost. */
  boolean isGuard() {
    return guard;
  }

  @Override
  public String toString() {
    return (guard ? "guard " : "") + write;
  }
}
