package io.quorate.server.session;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.ByteReader;
import io.quorate.server.base.ByteWriter;
import io.quorate.server.base.InvariantViolation;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes in which answers to writes are kept, hashed and written to snapshots. One encoding per
 * answer, big-endian:
 *
 * <pre>
 *   | zxid: long | kind: byte | fields |
 *   CREATED 1:  path: string, stat      DELETED 2: nothing     DATA_SET 3: stat    CHECKED 4: nothing
 *   FAILURE 5:  code: int, opIndex: int, expected: long, found: long
 *   MULTI 6:    n: int, then n times (kind, fields), none of them MULTI
 * </pre>
 */
public final class AnswerFormat {
  private static final int CREATED = 1;
  private static final int DELETED = 2;
  private static final int DATA_SET = 3;
  private static final int CHECKED = 4;
  private static final int FAILURE = 5;
  private static final int MULTI = 6;
  private static final int USUAL_BYTES = 128;

  private AnswerFormat() {}

  /** The bytes of an answer to a write. */
  public static byte[] encode(long zxid, OpResult result) {
    ByteWriter out = new ByteWriter(USUAL_BYTES);
    out.putLong(zxid);
    put(out, result);
    return out.toBytes();
  }

  /**
   * The answer whose bytes these are.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static StoredAnswer decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    long zxid = in.readLong();
    OpResult result = read(in, true);
    in.expectEnd();
    return new StoredAnswer(zxid, result);
  }

  private static void put(ByteWriter out, OpResult result) {
    if (result instanceof OpResult.Created created) {
      out.putByte(CREATED).putString(created.path());
      putStat(out, created.stat());
    } else if (result instanceof OpResult.Deleted) {
      out.putByte(DELETED);
    } else if (result instanceof OpResult.DataSet set) {
      out.putByte(DATA_SET);
      putStat(out, set.stat());
    } else if (result instanceof OpResult.Checked) {
      out.putByte(CHECKED);
    } else if (result instanceof OpResult.Failure failure) {
      out.putByte(FAILURE).putInt(failure.code().wireNumber()).putInt(failure.opIndex());
      out.putLong(failure.expected()).putLong(failure.found());
    } else if (result instanceof OpResult.MultiDone multi) {
      out.putByte(MULTI).putInt(multi.results().size());
      for (OpResult one : multi.results()) {
        put(out, one);
      }
    } else {
      throw new InvariantViolation("not an answer to a write: " + result);
    }
  }

  private static OpResult read(ByteReader in, boolean multiAllowed) {
    int kind = in.readByte();
    switch (kind) {
      case CREATED:
        return new OpResult.Created(in.readString(), readStat(in));
      case DELETED:
        return new OpResult.Deleted();
      case DATA_SET:
        return new OpResult.DataSet(readStat(in));
      case CHECKED:
        return new OpResult.Checked();
      case FAILURE:
        ErrorCode code = ErrorCode.ofWireNumber(in.readInt());
        return new OpResult.Failure(code, in.readInt(), in.readLong(), in.readLong());
      case MULTI:
        if (multiAllowed) {
          int count = in.readCount(1, Integer.MAX_VALUE);
          List<OpResult> results = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            results.add(read(in, false));
          }
          return new OpResult.MultiDone(results);
        }
        break;
      default:
        break;
    }
    throw in.malformed("kind of an answer expected, found " + kind);
  }

  private static void putStat(ByteWriter out, ZnodeStat stat) {
    out.putLong(stat.czxid()).putLong(stat.mzxid()).putLong(stat.pzxid());
    out.putLong(stat.ctimeMillis()).putLong(stat.mtimeMillis());
    out.putInt(stat.version()).putInt(stat.cversion()).putInt(stat.aversion());
    out.putLong(stat.ephemeralOwner()).putInt(stat.dataLength()).putInt(stat.numChildren());
  }

  private static ZnodeStat readStat(ByteReader in) {
    return new ZnodeStat(
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readInt(),
        in.readInt(),
        in.readInt(),
        in.readLong(),
        in.readInt(),
        in.readInt());
  }
}
