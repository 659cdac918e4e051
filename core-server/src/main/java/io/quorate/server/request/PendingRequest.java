package io.quorate.server.request;

import io.quorate.data.Identity;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request of a connection that is not answered yet, in the order of arrival. Confined to the node
 * thread.
 */
final class PendingRequest {
  private final ClientMessage message;
  private final byte @Nullable [] payload;
  private final List<Identity> identities;
  private boolean indexed;
  private long arrivedNanos;
  private ServerMessage.@Nullable Response answer;

  private PendingRequest(
      ClientMessage message,
      byte @Nullable [] payload,
      List<Identity> identities,
      boolean indexed) {
    this.message = message;
    this.payload = payload;
    this.identities = identities;
    this.indexed = indexed;
  }

  /** Waits for the apply of {@code payload}. */
  static PendingRequest proposed(ClientMessage message, byte[] payload) {
    return new PendingRequest(message, payload, List.of(), true);
  }

  /** Waits only for the requests before it. */
  static PendingRequest local(ClientMessage message, List<Identity> identities) {
    return new PendingRequest(message, null, identities, true);
  }

  /** Waits for the requests before it, and for a confirmed read index to be applied. */
  static PendingRequest indexed(ClientMessage message, List<Identity> identities) {
    return new PendingRequest(message, null, identities, false);
  }

  /** Bytes that it keeps alive: what was proposed, or about what its message takes. */
  long bytes() {
    return payload != null ? payload.length : WaitingSize.of(message);
  }

  ClientMessage message() {
    return message;
  }

  void arrived(long nanos) {
    arrivedNanos = nanos;
  }

  /** When it came to this server, on the node's monotonic clock. */
  long arrivedNanos() {
    return arrivedNanos;
  }

  /** Of the connection when the request arrived, for requests that are not proposed. */
  List<Identity> identities() {
    return identities;
  }

  /** What was proposed for it; null for a request that is not proposed. */
  byte @Nullable [] payload() {
    return payload;
  }

  /** Whether everything that was committed when the request arrived is applied here. */
  boolean isIndexed() {
    return indexed;
  }

  void setIndexed() {
    indexed = true;
  }

  /** The answer that apply gave; null until then. */
  ServerMessage.@Nullable Response answer() {
    return answer;
  }

  void setAnswer(ServerMessage.Response answer) {
    this.answer = answer;
  }
}
