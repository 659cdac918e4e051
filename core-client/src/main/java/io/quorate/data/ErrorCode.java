package io.quorate.data;

/**
 * Every way in which a request can be answered other than with its result, grouped by when it can
 * happen.
 *
 * <p>Numbers up to -1000 are ZooKeeper's; those below are Quorate's own. They are written to the
 * log as stored answers and never change.
 */
public enum ErrorCode {
  // ---- decided at apply, the same on every replica
  /** The znode, or the parent of a znode to create, does not exist. */
  NO_NODE(-101),
  /** The expected version differs from the one found. */
  BAD_VERSION(-103),
  /** The parent is ephemeral, and ephemerals have no children. */
  NO_CHILDREN_FOR_EPHEMERALS(-108),
  /** A znode of that name exists. */
  NODE_EXISTS(-110),
  /** The znode to delete has children. */
  NOT_EMPTY(-111),
  /** Path, mode or another argument is not valid, or the znode is protected. */
  BAD_ARGUMENTS(-8),
  /** The znode is of another life than the one expected: its czxid differs. */
  CZXID_MISMATCH(-1001),
  /** A stated limit of the state would be exceeded, such as the ephemerals of one session. */
  QUOTA_EXCEEDED(-125),
  /** The caller's identities may not do that with that znode. */
  NO_AUTH(-102),

  /** The access control list is empty, too long, or names what is no identity. */
  INVALID_ACL(-114),

  /** The result of the operation does not fit into an answer. */
  RESULT_TOO_LARGE(-1010),

  /** Another operation of the same multi failed; this one was not applied. */
  MULTI_ABORTED(-2),

  // ---- about the session
  /** The session is closed or expired, or never existed. */
  SESSION_EXPIRED(-112),
  /** The session was attached through another connection meanwhile. */
  SESSION_MOVED(-118),
  /** The secret presented for the session is not the one it was opened with. */
  SESSION_SECRET_MISMATCH(-1002),
  /**
   * A write number beyond the next one: an earlier write of the session is missing. Not applied;
   * re-send in order.
   */
  WRITE_GAP(-1003),
  /** More unconfirmed writes than the session may have. Not applied. */
  TOO_MANY_IN_FLIGHT(-1004),

  /** The credential is not accepted, or its scheme is not known. */
  AUTH_FAILED(-115),

  // ---- refused before the log
  /** The request exceeds the size limit. */
  REQUEST_TOO_LARGE(-1005),
  /** The request can't be decoded, or is not legal at this point of the conversation. */
  MALFORMED(-5),
  /** The operation, or the protocol version, is not known to this server. */
  UNIMPLEMENTED(-6),
  /** The server has no leader with a quorum at the moment. */
  NOT_SERVING(-1006),
  /** The server has not yet applied what the client has already seen. */
  SERVER_BEHIND(-1007),
  /** The server has reached a limit and sheds load. */
  OVERLOADED(-1008),
  /** The server is closing. */
  CLOSING(-1009),
  /** Too little disk space is left on a majority of the servers. Not applied. */
  INSUFFICIENT_SPACE(-1011),
  /** The connection would hold more watches than one may. None was left. */
  TOO_MANY_WATCHES(-1012);

  private final int wireNumber;

  ErrorCode(int wireNumber) {
    this.wireNumber = wireNumber;
  }

  public int wireNumber() {
    return wireNumber;
  }

  /** The code with that number; refuses unknown numbers. */
  public static ErrorCode ofWireNumber(int number) {
    for (ErrorCode code : values()) {
      if (code.wireNumber == number) {
        return code;
      }
    }
    throw new IllegalArgumentException("unknown error code " + number);
  }
}
