package io.quorate.server.codec;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.WriteOp;
import io.quorate.server.base.ByteReader;
import io.quorate.server.base.ByteWriter;
import io.quorate.server.statemachine.Command;
import java.util.ArrayList;
import java.util.List;

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
 *   |         |      |                long each, operation                          |
 *   |         |   6  | RefusedWrite   the same four, code int, expected, found:     |
 *   |         |      |                long each                                     |
 *
 *   operation: kind byte, then
 *     1 Create        mode byte, path string, data bytes or null
 *     2 Delete        path string, version int
 *     3 SetData       path string, data bytes or null, version int
 *     4 CheckVersion  path string, version int
 *     5 CheckCzxid    path string, czxid long
 *     6 Multi         n int, then n operations other than Multi
 * </pre>
 *
 * <p>Every command has one encoding, and nothing else decodes.
 */
public final class CommandCodec {
  /** First byte; a change of the layout gets a new one, and old logs stay readable. */
  private static final int LAYOUT = 1;

  /** Shortest operation: kind, empty path, version. */
  private static final int OPERATION_BYTES_MIN = 9;

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
      put(out, write.op());
    } else if (command instanceof Command.RefusedWrite write) {
      out.putLong(write.sessionId()).putLong(write.attachZxid());
      out.putLong(write.number()).putLong(write.confirmedUpTo());
      out.putInt(write.code().wireNumber()).putLong(write.expected()).putLong(write.found());
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
              in.readLong(), in.readLong(), in.readLong(), in.readLong(), readOperation(in, true));
      case REFUSED_WRITE ->
          new Command.RefusedWrite(
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              ErrorCode.ofWireNumber(in.readInt()),
              in.readLong(),
              in.readLong());
    };
  }

  private static void put(ByteWriter out, WriteOp op) {
    out.putByte(op.kind().wireNumber());
    if (op instanceof WriteOp.Create create) {
      out.putByte(create.mode().wireNumber()).putString(create.path()).putBytes(create.data());
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
    }
  }

  private static WriteOp readOperation(ByteReader in, boolean multiAllowed) {
    WriteOp.Kind kind = WriteOp.Kind.ofWireNumber(in.readByte());
    return switch (kind) {
      case CREATE -> {
        CreateMode mode = CreateMode.ofWireNumber(in.readByte());
        yield new WriteOp.Create(in.readString(), in.readBytesOrNull(), mode);
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
    };
  }
}
