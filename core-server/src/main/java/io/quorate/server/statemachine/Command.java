package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.WriteOp;
import java.util.List;

/**
 * What a {@code COMMAND} entry of the log holds. The leader adds only position and time; everything
 * else is computed at apply.
 *
 * <p>{@code origin} and {@code tag} name the pending request on the server that received it ({@code
 * tag} is drawn from a random start at each start of a server, so that a later life can't mistake
 * it); other servers ignore them.
 */
public sealed interface Command {

  /** Pins the number of each command in the log. Numbers are never reused. */
  enum Kind {
    OPEN_SESSION(1),
    ATTACH_SESSION(2),
    CLOSE_SESSION(3),
    EXPIRE_SESSION(4),
    WRITE(5),
    REFUSED_WRITE(6),
    SWEEP(7),
    RAISE_VERSION(8);

    private final int wireNumber;

    Kind(int wireNumber) {
      this.wireNumber = wireNumber;
    }

    public int wireNumber() {
      return wireNumber;
    }

    /** The kind with that number; refuses unknown numbers. */
    public static Kind ofWireNumber(int number) {
      for (Kind kind : values()) {
        if (kind.wireNumber == number) {
          return kind;
        }
      }
      throw new IllegalArgumentException("unknown command kind " + number);
    }
  }

  Kind kind();

  /**
   * Opens a session; its id is the zxid of this entry, which is also its first attach.
   *
   * @param secretHash SHA-256 of the session's secret
   * @param timeoutMillis as granted
   */
  record OpenSession(int origin, long tag, byte[] secretHash, long timeoutMillis, String clientName)
      implements Command {
    @Override
    public Kind kind() {
      return Kind.OPEN_SESSION;
    }
  }

  /**
   * Moves a session to a connection of {@code origin}: from this zxid on, commands that name an
   * older attach are refused.
   */
  record AttachSession(int origin, long tag, long sessionId, byte[] secretHash) implements Command {
    @Override
    public Kind kind() {
      return Kind.ATTACH_SESSION;
    }
  }

  /** The client ends its session: its ephemerals vanish at this zxid. */
  record CloseSession(long sessionId, long attachZxid) implements Command {
    @Override
    public Kind kind() {
      return Kind.CLOSE_SESSION;
    }
  }

  /**
   * The leader ends a session that was silent for its timeout; void if it was attached anew after
   * {@code attachZxid}.
   */
  record ExpireSession(long sessionId, long attachZxid) implements Command {
    @Override
    public Kind kind() {
      return Kind.EXPIRE_SESSION;
    }
  }

  /**
   * A client's write; see {@code ClientMessage.Write} for the numbers.
   *
   * @param identities of the connection it came through, stamped by the server that holds it
   */
  record Write(
      long sessionId,
      long attachZxid,
      long number,
      long confirmedUpTo,
      List<Identity> identities,
      WriteOp op)
      implements Command {
    public Write {
      identities = List.copyOf(identities);
    }

    /** Of a connection without identities, which may do what everybody may. */
    public Write(long sessionId, long attachZxid, long number, long confirmedUpTo, WriteOp op) {
      this(sessionId, attachZxid, number, confirmedUpTo, List.of(), op);
    }

    @Override
    public Kind kind() {
      return Kind.WRITE;
    }
  }

  /**
   * Fills the number of a write that a server refused before the log, so that the number is used up
   * and its answer kept.
   *
   * @param opIndex which operation of a multi it was refused for, 0 otherwise
   * @param expected what the limit allows, if a limit is the reason, else 0
   * @param found what was there instead, else 0
   */
  record RefusedWrite(
      long sessionId,
      long attachZxid,
      long number,
      long confirmedUpTo,
      ErrorCode code,
      int opIndex,
      long expected,
      long found)
      implements Command {
    /** Without numbers. */
    public RefusedWrite(
        long sessionId, long attachZxid, long number, long confirmedUpTo, ErrorCode code) {
      this(sessionId, attachZxid, number, confirmedUpTo, code, 0, 0, 0);
    }

    @Override
    public Kind kind() {
      return Kind.REFUSED_WRITE;
    }
  }

  /**
   * The leader deletes znodes whose time is up: expired ones, those past their time to live, and
   * empty containers. Each is looked at again at apply, by the time of the entry, and left alone
   * unless it is still what the leader saw and its time is still up.
   */
  record Sweep(List<Target> targets) implements Command {
    public Sweep {
      targets = List.copyOf(targets);
    }

    @Override
    public Kind kind() {
      return Kind.SWEEP;
    }

    /** One znode, as the leader saw it. */
    public record Target(String path, long czxid, long mzxid, int cversion) {}
  }

  /**
   * From this entry on the rules of {@code version} are in force. The leader proposes it once every
   * member of the ensemble has said that it knows them. Void unless it raises the version.
   */
  record RaiseVersion(int version) implements Command {
    @Override
    public Kind kind() {
      return Kind.RAISE_VERSION;
    }
  }
}
