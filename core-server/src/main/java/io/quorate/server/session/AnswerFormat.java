package io.quorate.server.session;

import io.quorate.data.Acl;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
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
 *   ACL_SET 7:  stat   EXPIRY_SET 8: stat     DATA 9: data bytes or null, stat
 *   EXISTENCE 10: 1 and stat, or 0            CHILD_NAMES 11: n: int, names, more: byte, stat
 *   ACL_READ 12: n: int, n times (permissions: int, scheme, id), stat   COUNT 13: long
 *   PATHS 14:   n: int, paths, more: byte     IDENTITIES 15: n: int, n times (scheme, id)
 * </pre>
 */
public final class AnswerFormat {
  private static final int CREATED = 1;
  private static final int DELETED = 2;
  private static final int DATA_SET = 3;
  private static final int CHECKED = 4;
  private static final int FAILURE = 5;
  private static final int MULTI = 6;
  private static final int ACL_SET = 7;
  private static final int EXPIRY_SET = 8;
  private static final int DATA = 9;
  private static final int EXISTENCE = 10;
  private static final int CHILD_NAMES = 11;
  private static final int ACL_READ = 12;
  private static final int COUNT = 13;
  private static final int PATHS = 14;
  private static final int IDENTITIES = 15;
  private static final int STRING_BYTES_MIN = 4;
  private static final int ACL_BYTES_MIN = 12;
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
    } else if (result instanceof OpResult.AclSet set) {
      out.putByte(ACL_SET);
      putStat(out, set.stat());
    } else if (result instanceof OpResult.ExpirySet set) {
      out.putByte(EXPIRY_SET);
      putStat(out, set.stat());
    } else {
      putRead(out, result);
    }
  }

  /** The results of reads inside a multi. */
  private static void putRead(ByteWriter out, OpResult result) {
    if (result instanceof OpResult.Data data) {
      out.putByte(DATA).putBytes(data.data());
      putStat(out, data.stat());
    } else if (result instanceof OpResult.Existence existence) {
      ZnodeStat stat = existence.stat();
      out.putByte(EXISTENCE).putByte(stat == null ? 0 : 1);
      if (stat != null) {
        putStat(out, stat);
      }
    } else if (result instanceof OpResult.ChildNames names) {
      out.putByte(CHILD_NAMES);
      putStrings(out, names.names());
      out.putByte(names.more() ? 1 : 0);
      putStat(out, names.stat());
    } else if (result instanceof OpResult.AclRead read) {
      out.putByte(ACL_READ).putInt(read.acl().size());
      for (Acl entry : read.acl()) {
        out.putInt(entry.permissions()).putString(entry.identity().scheme());
        out.putString(entry.identity().id());
      }
      putStat(out, read.stat());
    } else if (result instanceof OpResult.Count count) {
      out.putByte(COUNT).putLong(count.count());
    } else if (result instanceof OpResult.Paths paths) {
      out.putByte(PATHS);
      putStrings(out, paths.paths());
      out.putByte(paths.more() ? 1 : 0);
    } else if (result instanceof OpResult.Identities identities) {
      out.putByte(IDENTITIES).putInt(identities.identities().size());
      for (Identity identity : identities.identities()) {
        out.putString(identity.scheme()).putString(identity.id());
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
      case ACL_SET:
        return new OpResult.AclSet(readStat(in));
      case EXPIRY_SET:
        return new OpResult.ExpirySet(readStat(in));
      default:
        return readOfRead(in, kind);
    }
    throw in.malformed("kind of an answer expected, found " + kind);
  }

  private static OpResult readOfRead(ByteReader in, int kind) {
    switch (kind) {
      case DATA:
        return new OpResult.Data(in.readBytesOrNull(), readStat(in));
      case EXISTENCE:
        return new OpResult.Existence(readFlag(in) ? readStat(in) : null);
      case CHILD_NAMES:
        return new OpResult.ChildNames(readStrings(in), readFlag(in), readStat(in));
      case ACL_READ:
        int entries = in.readCount(ACL_BYTES_MIN, Integer.MAX_VALUE);
        List<Acl> acl = new ArrayList<>(entries);
        for (int i = 0; i < entries; i++) {
          acl.add(new Acl(in.readInt(), new Identity(in.readString(), in.readString())));
        }
        return new OpResult.AclRead(acl, readStat(in));
      case COUNT:
        return new OpResult.Count(in.readLong());
      case PATHS:
        return new OpResult.Paths(readStrings(in), readFlag(in));
      case IDENTITIES:
        int count = in.readCount(2 * STRING_BYTES_MIN, Integer.MAX_VALUE);
        List<Identity> identities = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          identities.add(new Identity(in.readString(), in.readString()));
        }
        return new OpResult.Identities(identities);
      default:
        throw in.malformed("kind of an answer expected, found " + kind);
    }
  }

  private static boolean readFlag(ByteReader in) {
    int flag = in.readByte();
    if (flag != 0 && flag != 1) {
      throw in.malformed("0 or 1 expected, found " + flag);
    }
    return flag == 1;
  }

  private static void putStrings(ByteWriter out, List<String> strings) {
    out.putInt(strings.size());
    for (String string : strings) {
      out.putString(string);
    }
  }

  private static List<String> readStrings(ByteReader in) {
    int count = in.readCount(STRING_BYTES_MIN, Integer.MAX_VALUE);
    List<String> strings = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      strings.add(in.readString());
    }
    return strings;
  }

  private static void putStat(ByteWriter out, ZnodeStat stat) {
    out.putLong(stat.czxid()).putLong(stat.mzxid()).putLong(stat.pzxid());
    out.putLong(stat.ctimeMillis()).putLong(stat.mtimeMillis());
    out.putInt(stat.version()).putInt(stat.cversion()).putInt(stat.aversion());
    out.putLong(stat.ephemeralOwner()).putInt(stat.dataLength()).putInt(stat.numChildren());
    out.putLong(stat.expiresAtMillis());
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
        in.readInt(),
        in.readLong());
  }
}
