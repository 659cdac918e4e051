package io.quorate.client;

import io.quorate.client.session.SessionOutput;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import io.quorate.data.Zxid;
import java.time.Duration;
import java.util.List;

/** Turns what came of an operation into the exception that its caller gets. */
final class Failures {
  /** What an operation is called that names none of its operations. */
  static final String MULTI = "multi";

  private Failures() {}

  /**
   * @param what the operation, for people
   * @param ops one, or those of a multi, with the caller's paths
   */
  static QuorateException of(String what, List<Op> ops, OpResult.Failure failure) {
    int index = failure.opIndex() >= 0 && failure.opIndex() < ops.size() ? failure.opIndex() : 0;
    if (ops.isEmpty()) {
      return of(what, "", failure);
    }
    Op op = ops.get(index);
    boolean named = !MULTI.equals(what);
    String where = named ? what : what + ", operation " + index + " (" + op + ")";
    if (op.isGuard() && op.write() instanceof WriteOp.CheckCzxid guard) {
      // Also where the znode is gone, and the server therefore compared nothing.
      OpResult.Failure lost =
          new OpResult.Failure(
              failure.code(), failure.opIndex(), guard.expectedCzxid(), failure.found());
      return of(where, Paths.of(op.write()), true, false, lost, index);
    }
    boolean creates = op.write() instanceof WriteOp.Create;
    return of(where, Paths.of(op.write()), false, creates, failure, index);
  }

  /**
   * For an operation that is none of {@link Op}: a read, or a credential.
   *
   * @param path for a credential its scheme
   */
  static QuorateException of(String what, String path, OpResult.Failure failure) {
    return of(what, path, false, false, failure, 0);
  }

  private static QuorateException of(
      String what,
      String path,
      boolean guard,
      boolean creates,
      OpResult.Failure failure,
      int index) {
    String text = what + ": ";
    return switch (failure.code()) {
      case NO_NODE ->
          guard
              ? grantLost(text, path, failure, index)
              : new NoNodeException(
                  text + (creates ? "no parent to create it in" : "no such znode"), path, index);
      case BAD_VERSION ->
          new BadVersionException(
              text + "expected version " + failure.expected() + ", found " + failure.found(),
              path,
              index,
              (int) failure.expected(),
              (int) failure.found());
      case CZXID_MISMATCH ->
          guard
              ? grantLost(text, path, failure, index)
              : new CzxidMismatchException(
                  text
                      + "expected the life that began at "
                      + Zxid.format(failure.expected())
                      + ", found "
                      + Zxid.format(failure.found()),
                  path,
                  index,
                  failure.expected(),
                  failure.found());
      case NODE_EXISTS -> new NodeExistsException(text + "the znode exists", path, index);
      case NOT_EMPTY -> new NotEmptyException(text + "the znode has children", path, index);
      case NO_CHILDREN_FOR_EPHEMERALS ->
          new NoChildrenForEphemeralsException(
              text + "the parent is ephemeral and can have no children", path, index);
      case BAD_ARGUMENTS ->
          new BadArgumentsException(
              text + "path, mode or another argument is not valid, or the znode is protected",
              path,
              index);
      case QUOTA_EXCEEDED ->
          new QuotaExceededException(
              text
                  + "a limit would be exceeded, such as a quota or the ephemerals of a session"
                  + ofLimit(failure),
              path,
              index,
              failure.expected(),
              failure.found());
      case NO_AUTH -> new NoAuthException(text + "not permitted to this client", path, index);
      case INVALID_ACL ->
          new InvalidAclException(
              text + "the access control list is empty, too long or names no identity",
              path,
              index);
      case AUTH_FAILED -> new AuthFailedException(text + "the credential is not accepted", path);
      case REQUEST_TOO_LARGE ->
          new RequestTooLargeException(text + "larger than the server accepts");
      case OVERLOADED ->
          new OverloadedException(text + "the server is at a limit" + ofLimit(failure));
      case TOO_MANY_WATCHES ->
          new TooManyWatchesException(
              text + "a server holds only so many watches for a client" + ofLimit(failure),
              failure.expected(),
              failure.found());
      case INSUFFICIENT_SPACE ->
          new InsufficientSpaceException(
              text
                  + "too little disk space is left on a majority of the servers"
                  + ofLimit(failure)
                  + "; deletes are still taken");
      case NOT_SERVING, SERVER_BEHIND, CLOSING, WRITE_GAP, TOO_MANY_IN_FLIGHT ->
          new UnavailableException(text + failure.code());
      case SESSION_EXPIRED, SESSION_MOVED, SESSION_SECRET_MISMATCH ->
          new SessionLostException(text + failure.code());
      case RESULT_TOO_LARGE ->
          new ResultTooLargeException(text + "the result does not fit into an answer", path, index);
      case MALFORMED, UNIMPLEMENTED, MULTI_ABORTED ->
          new ServerRefusedException(text + "the server answers " + failure.code());
    };
  }

  private static String ofLimit(OpResult.Failure failure) {
    return failure.expected() == 0
        ? ""
        : ": expected " + failure.expected() + ", found " + failure.found();
  }

  private static GrantLostException grantLost(
      String text, String path, OpResult.Failure failure, int index) {
    return new GrantLostException(
        text
            + "the grant with token "
            + Zxid.format(failure.expected())
            + " is no longer held, found "
            + (failure.found() == 0 ? "nothing" : Zxid.format(failure.found())),
        path,
        index,
        failure.expected(),
        failure.found());
  }

  static QuorateException of(
      String what, SessionOutput.Unanswered unanswered, Duration requestTimeout) {
    String detail = unanswered.detail();
    String text = what + ": ";
    return switch (unanswered.reason()) {
      case SESSION_LOST -> new SessionLostException(text + "the session was lost: " + detail);
      case OUTCOME_UNKNOWN ->
          new OutcomeUnknownException(text + "sent, and not known whether it happened: " + detail);
      case UNAVAILABLE -> unavailable(text, unanswered, requestTimeout);
      case OVERLOADED -> new OverloadedException(text + "not sent: " + detail);
      case CLOSED -> new ClientClosedException(text + detail);
    };
  }

  /** If a server was reached that takes no session, that is the answer, and in its words. */
  private static QuorateException unavailable(
      String text, SessionOutput.Unanswered unanswered, Duration requestTimeout) {
    String within = " within " + requestTimeout.toMillis() + " ms";
    SessionOutput.Refusal refusal = unanswered.refusal();
    if (refusal == null) {
      return new UnavailableException(text + "no answer" + within + ": " + unanswered.detail());
    }
    String said =
        text
            + "no session"
            + within
            + ": "
            + refusal.server()
            + " answers "
            + refusal.code()
            + ": "
            + refusal.reason();
    return switch (refusal.code()) {
      case INSUFFICIENT_SPACE -> new InsufficientSpaceException(said);
      case OVERLOADED, QUOTA_EXCEEDED -> new OverloadedException(said);
      case MALFORMED, UNIMPLEMENTED, REQUEST_TOO_LARGE -> new ServerRefusedException(said);
      default -> new UnavailableException(said + "; all: " + unanswered.detail());
    };
  }
}
