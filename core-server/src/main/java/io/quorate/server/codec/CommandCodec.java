package io.quorate.server.codec;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.server.base.ByteReader;
import io.quorate.server.base.ByteWriter;
import io.quorate.server.statemachine.Command;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commands as the payload of log entries. Big-endian; a string is an int number of bytes and that
 * much UTF-8 (see {@link ByteWriter#putString} for the exception), bytes are an int number and the
 * bytes, -1 for null.
 *
 * <pre>
 *   0         1      2
 *   | layout  | kind | fields                                                       |
 *   |  = 1    |   1  | OpenSession    origin int, tag long, secretHash bytes,       |
 *   |         |      |                timeoutMillis long, clientName string         |
 *   |         |   2  | AttachSession  origin int, tag long, session long, secretHash |
 *   |         |   3  | CloseSession   session long, attachZxid long                 |
 *   |         |   4  | ExpireSession  session long, attachZxid long                 |
 *   |         |   5  | Write          session, attachZxid, number, confirmedUpTo:   |
 *   |         |      |                long each, identities, operation              |
 *   |         |   6  | RefusedWrite   the same four, code int, opIndex int,         |
 *   |         |      |                expected long, found long                    |
 *   |         |   7  | Sweep          n int, then n times path string, czxid long,  |
 *   |         |      |                mzxid long, cversion int                      |
 *   |         |   8  | RaiseVersion   version int                                   |
 *
 *   identities: n int, then n times scheme string, id string
 *   acl: n int, then n times permissions int, scheme string, id string
 *   operation: kind byte, then
 *     1 Create        mode byte, path string, data bytes or null, acl (n = -1 for the open one),
 *                     ttl long, expire after long
 *     2 Delete        path string, version int
 *     3 SetData       path string, data bytes or null, version int
 *     4 CheckVersion  path string, version int
 *     5 CheckCzxid    path string, czxid long
 *     6 Multi         n int, then n operations other than Multi
 *     7 SetAcl        path string, acl, aversion int
 *     8 SetExpiry     path string, expire after long
 *     9 Read          kind byte, then 1 Get, 2 Exists, 4 GetAcl: path string;
 *                     5 SubtreeCount: path string, at most long;
 *                     3 Children, 6 Ephemerals: path string, after string, limit int; 7 WhoAmI
 * </pre>
 *
 * <p>Every command has one encoding, and nothing else decodes.
 */
public final class CommandCodec {
  /** First byte; a change of the layout gets a new one, and old logs stay readable. */
  private static final int LAYOUT = 1;

  /** Shortest operation: a read of the identities. */
  private static final int OPERATION_BYTES_MIN = 2;

  /** Two empty strings. */
  private static final int IDENTITY_BYTES_MIN = 8;

  private static final int ACL_BYTES_MIN = 12;

  /** In place of the number of entries. */
  private static final int OPEN_ACL = -1;

  private static final int TARGET_BYTES_MIN = 24;

  private static final int READ_GET = 1;
  private static final int READ_EXISTS = 2;
  private static final int READ_CHILDREN = 3;
  private static final int READ_ACL = 4;
  private static final int READ_SUBTREE_COUNT = 5;
  private static final int READ_EPHEMERALS = 6;
  private static final int READ_WHO_AM_I = 7;

  private CommandCodec() {}

  /** The one encoding of that command. */
  public static byte[] encode(Command command) {
    ByteWriter out = new ByteWriter(128);
    out.putByte(LAYOUT).putByte(command.kind().wireNumber());
    if (command instanceof Command.OpenSession open) {
      out.putInt(open.origin()).putLong(open.tag()).putBytes(open.secretHash());
      out.putLong(open.timeoutMillis()).putString(open.clientName());
    } else if (command instanceof Command.AttachSession attach) {
      out.putInt(attach.origin()).putLong(attach.tag()).putLong(attach.sessionId());
      out.putBytes(attach.secretHash());
    } else if (command instanceof Command.CloseSession close) {
      out.putLong(close.sessionId()).putLong(close.attachZxid());
    } else if (command instanceof Command.ExpireSession expire) {
      out.putLong(expire.sessionId()).putLong(expire.attachZxid());
    } else if (command instanceof Command.Write write) {
      out.putLong(write.sessionId()).putLong(write.attachZxid());
      out.putLong(write.number()).putLong(write.confirmedUpTo());
      out.putInt(write.identities().size());
      for (Identity identity : write.identities()) {
        put(out, identity);
      }
      put(out, write.op());
    } else if (command instanceof Command.Sweep sweep) {
      out.putInt(sweep.targets().size());
      for (Command.Sweep.Target target : sweep.targets()) {
        out.putString(target.path()).putLong(target.czxid()).putLong(target.mzxid());
        out.putInt(target.cversion());
      }
    } else if (command instanceof Command.RefusedWrite write) {
      out.putLong(write.sessionId()).putLong(write.attachZxid());
      out.putLong(write.number()).putLong(write.confirmedUpTo());
      out.putInt(write.code().wireNumber()).putInt(write.opIndex());
      out.putLong(write.expected()).putLong(write.found());
    } else if (command instanceof Command.RaiseVersion raise) {
      out.putInt(raise.version());
    }
    return out.toBytes();
  }

  /**
   * The command whose encoding this is.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Command decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int layout = in.readByte();
    if (layout != LAYOUT) {
      throw in.malformed("layout " + LAYOUT + " of a command expected, found " + layout);
    }
    Command command = read(in, Command.Kind.ofWireNumber(in.readByte()));
    in.expectEnd();
    return command;
  }

  private static Command read(ByteReader in, Command.Kind kind) {
    return switch (kind) {
      case OPEN_SESSION ->
          new Command.OpenSession(
              in.readInt(), in.readLong(), in.readBytes(), in.readLong(), in.readString());
      case ATTACH_SESSION ->
          new Command.AttachSession(in.readInt(), in.readLong(), in.readLong(), in.readBytes());
      case CLOSE_SESSION -> new Command.CloseSession(in.readLong(), in.readLong());
      case EXPIRE_SESSION -> new Command.ExpireSession(in.readLong(), in.readLong());
      case WRITE ->
          new Command.Write(
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              readIdentities(in),
              readOperation(in, true));
      case REFUSED_WRITE ->
          new Command.RefusedWrite(
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              ErrorCode.ofWireNumber(in.readInt()),
              in.readInt(),
              in.readLong(),
              in.readLong());
      case SWEEP -> readSweep(in);
      case RAISE_VERSION -> new Command.RaiseVersion(in.readInt());
    };
  }

  private static Command.Sweep readSweep(ByteReader in) {
    int count = in.readCount(TARGET_BYTES_MIN, Integer.MAX_VALUE);
    List<Command.Sweep.Target> targets = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      targets.add(
          new Command.Sweep.Target(in.readString(), in.readLong(), in.readLong(), in.readInt()));
    }
    return new Command.Sweep(targets);
  }

  private static void put(ByteWriter out, Identity identity) {
    out.putString(identity.scheme()).putString(identity.id());
  }

  private static List<Identity> readIdentities(ByteReader in) {
    int count = in.readCount(IDENTITY_BYTES_MIN, Integer.MAX_VALUE);
    List<Identity> identities = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      identities.add(new Identity(in.readString(), in.readString()));
    }
    return identities;
  }

  private static void put(ByteWriter out, List<Acl> acl) {
    out.putInt(acl.size());
    for (Acl entry : acl) {
      out.putInt(entry.permissions());
      put(out, entry.identity());
    }
  }

  private static List<Acl> readAclOrOpen(ByteReader in) {
    int count = in.readInt();
    if (count == OPEN_ACL) {
      return Acl.OPEN;
    }
    List<Acl> acl = readAcl(in, count);
    // One encoding for each command: the open list has its own.
    if (acl.equals(Acl.OPEN)) {
      throw in.malformed("the open access control list is written as " + OPEN_ACL);
    }
    return acl;
  }

  private static List<Acl> readAcl(ByteReader in, int count) {
    if (count < 0 || (long) count * ACL_BYTES_MIN > in.left()) {
      throw in.malformed("an access control list of " + count + " entries");
    }
    List<Acl> acl = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      acl.add(new Acl(in.readInt(), new Identity(in.readString(), in.readString())));
    }
    return acl;
  }

  private static void put(ByteWriter out, WriteOp op) {
    out.putByte(op.kind().wireNumber());
    if (op instanceof WriteOp.Create create) {
      out.putByte(create.mode().wireNumber()).putString(create.path()).putBytes(create.data());
      if (create.acl().equals(Acl.OPEN)) {
        out.putInt(OPEN_ACL);
      } else {
        put(out, create.acl());
      }
      out.putLong(create.ttlMillis()).putLong(create.expireAfterMillis());
    } else if (op instanceof WriteOp.Delete delete) {
      out.putString(delete.path()).putInt(delete.expectedVersion());
    } else if (op instanceof WriteOp.SetData set) {
      out.putString(set.path()).putBytes(set.data()).putInt(set.expectedVersion());
    } else if (op instanceof WriteOp.CheckVersion check) {
      out.putString(check.path()).putInt(check.expectedVersion());
    } else if (op instanceof WriteOp.CheckCzxid check) {
      out.putString(check.path()).putLong(check.expectedCzxid());
    } else if (op instanceof WriteOp.Multi multi) {
      out.putInt(multi.ops().size());
      for (WriteOp one : multi.ops()) {
        put(out, one);
      }
    } else if (op instanceof WriteOp.SetAcl set) {
      out.putString(set.path());
      put(out, set.acl());
      out.putInt(set.expectedAversion());
    } else if (op instanceof WriteOp.SetExpiry set) {
      out.putString(set.path()).putLong(set.expireAfterMillis());
    } else if (op instanceof WriteOp.Read read) {
      put(out, read.op());
    }
  }

  private static void put(ByteWriter out, ReadOp op) {
    if (op instanceof ReadOp.Get get) {
      out.putByte(READ_GET).putString(get.path());
    } else if (op instanceof ReadOp.Exists exists) {
      out.putByte(READ_EXISTS).putString(exists.path());
    } else if (op instanceof ReadOp.Children children) {
      out.putByte(READ_CHILDREN).putString(children.path()).putString(children.afterName());
      out.putInt(children.limit());
    } else if (op instanceof ReadOp.GetAcl get) {
      out.putByte(READ_ACL).putString(get.path());
    } else if (op instanceof ReadOp.SubtreeCount count) {
      out.putByte(READ_SUBTREE_COUNT).putString(count.path()).putLong(count.atMost());
    } else if (op instanceof ReadOp.Ephemerals ephemerals) {
      out.putByte(READ_EPHEMERALS).putString(ephemerals.path()).putString(ephemerals.afterPath());
      out.putInt(ephemerals.limit());
    } else {
      out.putByte(READ_WHO_AM_I);
    }
  }

  private static ReadOp readReadOperation(ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case READ_GET -> new ReadOp.Get(in.readString());
      case READ_EXISTS -> new ReadOp.Exists(in.readString());
      case READ_CHILDREN -> new ReadOp.Children(in.readString(), in.readString(), in.readInt());
      case READ_ACL -> new ReadOp.GetAcl(in.readString());
      case READ_SUBTREE_COUNT -> readSubtreeCount(in);
      case READ_EPHEMERALS -> new ReadOp.Ephemerals(in.readString(), in.readString(), in.readInt());
      case READ_WHO_AM_I -> new ReadOp.WhoAmI();
      default -> throw in.malformed("kind of a read expected, found " + kind);
    };
  }

  private static ReadOp readSubtreeCount(ByteReader in) {
    String path = in.readString();
    long atMost = in.readLong();
    if (atMost < 0) {
      throw in.malformed("bound of a count expected, found " + atMost);
    }
    return new ReadOp.SubtreeCount(path, atMost);
  }

  private static WriteOp readOperation(ByteReader in, boolean multiAllowed) {
    WriteOp.Kind kind = WriteOp.Kind.ofWireNumber(in.readByte());
    return switch (kind) {
      case CREATE -> {
        CreateMode mode = CreateMode.ofWireNumber(in.readByte());
        String path = in.readString();
        byte @Nullable [] data = in.readBytesOrNull();
        List<Acl> acl = readAclOrOpen(in);
        yield new WriteOp.Create(path, data, mode, acl, in.readLong(), in.readLong());
      }
      case DELETE -> new WriteOp.Delete(in.readString(), in.readInt());
      case SET_DATA -> new WriteOp.SetData(in.readString(), in.readBytesOrNull(), in.readInt());
      case CHECK_VERSION -> new WriteOp.CheckVersion(in.readString(), in.readInt());
      case CHECK_CZXID -> new WriteOp.CheckCzxid(in.readString(), in.readLong());
      case MULTI -> {
        if (!multiAllowed) {
          throw in.malformed("a multi inside a multi");
        }
        int count = in.readCount(OPERATION_BYTES_MIN, Integer.MAX_VALUE);
        List<WriteOp> ops = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          ops.add(readOperation(in, false));
        }
        yield new WriteOp.Multi(ops);
      }
      case SET_ACL -> new WriteOp.SetAcl(in.readString(), readAcl(in, in.readInt()), in.readInt());
      case SET_EXPIRY -> new WriteOp.SetExpiry(in.readString(), in.readLong());
      case READ -> new WriteOp.Read(readReadOperation(in));
    };
  }
}
