package io.quorate.client.session;

import io.quorate.data.Credential;
import io.quorate.protocol.message.ClientMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request between its submission and its answer. */
final class Pending {
  /** What the machine itself asks for. */
  enum Chore {
    /** Nothing: a caller's request. */
    NONE,
    /** Presents a credential that the client holds, on a new connection. */
    AUTHENTICATE,
    RESUME_WATCHES,
    CLOSE_SESSION
  }

  final Chore chore;
  final @Nullable SessionRequest request;

  /** For RESUME_WATCHES: the watches concerned. */
  final List<ClientMessage.Registration> watches;

  /** For AUTHENTICATE: what is presented. */
  final @Nullable Credential credential;

  final long deadlineNanos;

  /** Null once the caller was told, and for chores. */
  @Nullable Object handle;

  /** Unique among the requests of this client. */
  final long xid;

  final long bytes;

  /** For a write that was sent: its number; else 0. */
  long number;

  /** When it was sent first; meaningful once {@link #connection} is not 0. */
  long firstSentNanos;

  /** The connection that it was sent on first; 0 if it was not sent. */
  long connection;

  private Pending(
      Chore chore,
      @Nullable SessionRequest request,
      List<ClientMessage.Registration> watches,
      @Nullable Credential credential,
      @Nullable Object handle,
      long deadlineNanos,
      long xid) {
    this.chore = chore;
    this.request = request;
    this.watches = watches;
    this.credential = credential;
    this.handle = handle;
    this.deadlineNanos = deadlineNanos;
    this.xid = xid;
    this.bytes = request == null ? SessionRequest.REQUEST_BYTES : request.bytes();
  }

  static Pending of(SessionRequest request, @Nullable Object handle, long deadlineNanos, long xid) {
    return new Pending(Chore.NONE, request, List.of(), null, handle, deadlineNanos, xid);
  }

  static Pending resume(List<ClientMessage.Registration> watches, long xid) {
    return new Pending(Chore.RESUME_WATCHES, null, watches, null, null, Long.MAX_VALUE, xid);
  }

  static Pending closeSession(long xid) {
    return new Pending(Chore.CLOSE_SESSION, null, List.of(), null, null, Long.MAX_VALUE, xid);
  }

  static Pending authenticate(Credential credential, long xid) {
    return new Pending(Chore.AUTHENTICATE, null, List.of(), credential, null, Long.MAX_VALUE, xid);
  }

  /** Whether it is about its connection alone and never sent on another. */
  boolean isOfConnection() {
    return chore == Chore.RESUME_WATCHES || chore == Chore.AUTHENTICATE;
  }

  /** Whether it has a server hold watches, and nobody waits who could be told that it does not. */
  boolean isWatchOfOurOwn() {
    return chore == Chore.RESUME_WATCHES
        || (handle == null && request instanceof SessionRequest.AddWatch);
  }

  boolean isWrite() {
    return request instanceof SessionRequest.Write;
  }

  boolean isSent() {
    return connection != 0;
  }

  /** Whether nobody waits for it any more and it need not be sent again. */
  boolean isAbandoned() {
    return handle == null
        && (request instanceof SessionRequest.Read
            || request instanceof SessionRequest.Sync
            || request instanceof SessionRequest.Authenticate);
  }
}
