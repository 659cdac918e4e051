package io.quorate.client;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.data.Zxid;
import java.time.Duration;
import java.util.List;
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
    return create(path, data, CreateOptions.of(mode));
  }

  public static Op create(String path, byte @Nullable [] data, CreateOptions options) {
    options.requireComplete();
    return new Op(
        new WriteOp.Create(
            Paths.validToCreate(path, options.mode()),
            data,
            options.mode(),
            options.acl(),
            options.ttl().toMillis(),
            options.expireAfter().toMillis()),
        false);
  }

  /** Deletes the znode, which has no children. */
  public static Op delete(String path) {
    return delete(path, WriteOp.ANY_VERSION);
  }

  /** Deletes the znode if it has that version. */
  public static Op delete(String path, int version) {
    return new Op(new WriteOp.Delete(Paths.valid(path), version), false);
  }

  /** Replaces the access control list. */
  public static Op setAcl(String path, List<Acl> acl) {
    return setAcl(path, acl, WriteOp.ANY_VERSION);
  }

  /** Replaces the access control list if it has that version ({@code stat.aversion()}). */
  public static Op setAcl(String path, List<Acl> acl, int aversion) {
    if (acl.isEmpty()) {
      throw new IllegalArgumentException("an access control list has at least one entry");
    }
    return new Op(new WriteOp.SetAcl(Paths.valid(path), acl, aversion), false);
  }

  /** Sets or renews the expiry; see {@link QuorateClient#setExpiry}. */
  public static Op setExpiry(String path, Duration after) {
    long millis = CreateOptions.requireWithinLimits(after, "expiry").toMillis();
    return new Op(new WriteOp.SetExpiry(Paths.valid(path), millis), false);
  }

  /** Takes the expiry away. */
  public static Op clearExpiry(String path) {
    return new Op(new WriteOp.SetExpiry(Paths.valid(path), 0), false);
  }

  // ---- reads: they see what the operations before them did
  // ---------------------------------------

  /** Reads data and stat; fails, and with it the multi, unless the znode exists. */
  public static Op get(String path) {
    return read(new ReadOp.Get(Paths.valid(path)));
  }

  /** Reads the stat; that the znode does not exist is a result. */
  public static Op exists(String path) {
    return read(new ReadOp.Exists(Paths.valid(path)));
  }

  /**
   * Reads names of children, in name order.
   *
   * @param afterName only names greater than this; empty for all
   * @param limit at most so many, 1 to {@link QuorateClient#PAGE_MAX}
   */
  public static Op children(String path, String afterName, int limit) {
    return read(new ReadOp.Children(Paths.valid(path), afterName, Paths.validLimit(limit)));
  }

  /** Reads the access control list. */
  public static Op getAcl(String path) {
    return read(new ReadOp.GetAcl(Paths.valid(path)));
  }

  /** Counts the znodes below. */
  public static Op subtreeCount(String path) {
    return read(new ReadOp.SubtreeCount(Paths.valid(path)));
  }

  /**
   * Counts the znodes below, and fails with {@link QuotaExceededException} if there are more than
   * {@code atMost}. After the creates of a multi this is a bound that all who write so keep
   * exactly.
   */
  public static Op subtreeCount(String path, long atMost) {
    return read(new ReadOp.SubtreeCount(Paths.valid(path), atMost));
  }

  private static Op read(ReadOp op) {
    return new Op(new WriteOp.Read(op), false);
  }

  WriteOp write() {
    return write;
  }

  /** Whether a failure means that a grant was lost. */
  boolean isGuard() {
    return guard;
  }

  /** For messages: what and where, never the data. */
  @Override
  public String toString() {
    return switch (write.kind()) {
      case CREATE -> {
        WriteOp.Create create = (WriteOp.Create) write;
        yield "create " + create.path() + " " + create.mode();
      }
      case DELETE -> "delete " + Paths.of(write);
      case SET_DATA -> "set " + Paths.of(write);
      case CHECK_VERSION -> "check " + Paths.of(write);
      case CHECK_CZXID -> {
        WriteOp.CheckCzxid check = (WriteOp.CheckCzxid) write;
        String token = Zxid.format(check.expectedCzxid());
        yield (guard ? "guard " : "check ") + check.path() + " of " + token;
      }
      case SET_ACL -> "setAcl " + Paths.of(write);
      case SET_EXPIRY -> "setExpiry " + Paths.of(write);
      case READ -> readName(((WriteOp.Read) write).op()) + " " + Paths.of(write);
      case MULTI -> "multi";
    };
  }

  private static String readName(ReadOp op) {
    String name = op.getClass().getSimpleName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
