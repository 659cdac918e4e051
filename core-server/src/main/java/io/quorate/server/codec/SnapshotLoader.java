package io.quorate.server.codec;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import io.quorate.server.access.AclRules;
import io.quorate.server.base.ByteReader;
import io.quorate.server.session.SessionImage;
import io.quorate.server.statemachine.StateBuilder;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.tree.ZnodeTerms;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds a state machine from the blocks of {@link SnapshotCodec}, in order. For one snapshot;
 * may run on any one thread, the result is then handed over. After an exception it is of no use any
 * more.
 *
 * <p>Holds one unfinished record beside the state itself, whatever the blocks say.
 */
public final class SnapshotLoader {
  /** Permissions and two empty strings. */
  private static final int ACL_BYTES_MIN = 12;

  private final StateBuilder state;

  /** The beginning of a record that is not complete. */
  private byte[] pending = new byte[0];

  private @Nullable Header header;
  private long znodes;
  private int sessions;
  private boolean ended;

  /** A session whose answers are still to come. */
  private @Nullable SessionImage session;

  private final List<byte[]> answers = new ArrayList<>();
  private int answersMissing;

  private record Header(
      int version, long zxid, long logTimeMillis, long digest, long znodes, int sessions) {}

  public SnapshotLoader() {
    this(StateMachine.VERSION);
  }

  /** For a server that knows the state machine's rules up to that version. */
  public SnapshotLoader(int supportedVersion) {
    state = new StateBuilder(supportedVersion);
  }

  /**
   * Takes the next block; reads what remains of it.
   *
   * @throws IllegalArgumentException if it can't be the next one
   */
  public void accept(ByteBuffer block) {
    byte[] bytes = Arrays.copyOf(pending, pending.length + block.remaining());
    block.get(bytes, pending.length, block.remaining());
    int at = 0;
    while (bytes.length - at >= SnapshotRecords.PREFIX_BYTES) {
      ByteReader prefix = new ByteReader(bytes, at, bytes.length);
      int kind = prefix.readByte();
      int length = prefix.readInt();
      if (length < 0 || length > SnapshotRecords.BODY_BYTES_MAX) {
        throw prefix.malformed("a snapshot record of " + length + " bytes");
      }
      int body = at + SnapshotRecords.PREFIX_BYTES;
      if (length > bytes.length - body) {
        break;
      }
      ByteReader in = new ByteReader(bytes, body, body + length);
      take(kind, in, length);
      in.expectEnd();
      at = body + length;
    }
    if (ended && at < bytes.length) {
      throw new IllegalArgumentException("bytes after the end of the snapshot");
    }
    pending = Arrays.copyOfRange(bytes, at, bytes.length);
  }

  /**
   * The state, once all blocks were taken.
   *
   * @throws IllegalArgumentException if blocks are missing, or the digest differs from the one
   *     stated
   */
  public StateMachine finish() {
    Header stated = header;
    if (!ended || stated == null) {
      throw new IllegalArgumentException("the snapshot ends before its end record");
    }
    if (znodes != stated.znodes || sessions != stated.sessions) {
      throw new IllegalArgumentException(
          "the header states %d znodes and %d sessions, found %d and %d"
              .formatted(stated.znodes, stated.sessions, znodes, sessions));
    }
    StateMachine loaded = state.finish(stated.version, stated.zxid, stated.logTimeMillis);
    if (loaded.digest() != stated.digest) {
      throw new IllegalArgumentException(
          "the header states digest %x, the state has %x"
              .formatted(stated.digest, loaded.digest()));
    }
    return loaded;
  }

  private void take(int kind, ByteReader in, int length) {
    boolean first = header == null;
    if (ended || first != (kind == SnapshotRecords.HEADER)) {
      throw in.malformed("a snapshot record of kind " + kind + " out of place");
    }
    if ((kind == SnapshotRecords.ANSWER) != (answersMissing > 0)) {
      throw in.malformed(
          "a snapshot record of kind " + kind + " where " + answersMissing + " answers follow");
    }
    switch (kind) {
      case SnapshotRecords.HEADER:
        header = readHeader(in);
        break;
      case SnapshotRecords.ZNODE:
        if (sessions > 0) {
          throw in.malformed("a znode after the sessions");
        }
        addZnode(in);
        break;
      case SnapshotRecords.SESSION:
        beginSession(in);
        break;
      case SnapshotRecords.ANSWER:
        answers.add(in.readRaw(length));
        answersMissing--;
        endSession();
        break;
      case SnapshotRecords.END:
        ended = true;
        break;
      default:
        throw in.malformed("kind of a snapshot record expected, found " + kind);
    }
  }

  private static Header readHeader(ByteReader in) {
    int layout = in.readByte();
    if (layout != SnapshotRecords.LAYOUT) {
      throw in.malformed(
          "layout " + SnapshotRecords.LAYOUT + " of a snapshot expected, found " + layout);
    }
    return new Header(
        in.readInt(), in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readInt());
  }

  private void addZnode(ByteReader in) {
    int depth = in.readInt();
    String name = in.readString();
    long czxid = in.readLong();
    long mzxid = in.readLong();
    long pzxid = in.readLong();
    long ctime = in.readLong();
    long mtime = in.readLong();
    int version = in.readInt();
    int creations = in.readInt();
    int deletions = in.readInt();
    long owner = in.readLong();
    byte[] data = in.readBytesOrNull();
    ZnodeStat stat = new ZnodeStat(czxid, mzxid, pzxid, ctime, mtime, version, 0, 0, owner, 0, 0);
    state.tree().add(depth, name, stat, readTerms(in), creations, deletions, data);
    znodes++;
  }

  private static ZnodeTerms readTerms(ByteReader in) {
    if (!in.readBoolean()) {
      return ZnodeTerms.USUAL;
    }
    int aversion = in.readInt();
    long ttl = in.readLong();
    long expiresAt = in.readLong();
    boolean container = in.readBoolean();
    int entries = in.readCount(ACL_BYTES_MIN, AclRules.ENTRIES_MAX);
    List<Acl> acl = new ArrayList<>(entries);
    for (int i = 0; i < entries; i++) {
      acl.add(new Acl(in.readInt(), new Identity(in.readString(), in.readString())));
    }
    return new ZnodeTerms(List.copyOf(acl), aversion, ttl, expiresAt, container);
  }

  private void beginSession(ByteReader in) {
    session =
        new SessionImage(
            in.readLong(),
            in.readLong(),
            in.readBytes(),
            in.readString(),
            in.readLong(),
            in.readLong(),
            in.readLong(),
            List.of());
    answersMissing = in.readInt();
    if (answersMissing < 0) {
      throw in.malformed("a session with " + answersMissing + " answers");
    }
    sessions++;
    endSession();
  }

  /** Adds the session once its answers are there. */
  private void endSession() {
    SessionImage read = session;
    if (answersMissing > 0 || read == null) {
      return;
    }
    state.addSession(
        new SessionImage(
            read.id(),
            read.timeoutMillis(),
            read.secretHash(),
            read.clientName(),
            read.attachZxid(),
            read.lastNumber(),
            read.confirmedUpTo(),
            answers));
    answers.clear();
    session = null;
  }
}
