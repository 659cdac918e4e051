package io.quorate.server.request;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import org.jspecify.annotations.Nullable;

/**
 * A request of a connection that is not answered yet, in the order of arrival. Confined to the node
 * thread.
 */
final class PendingRequest {
  private final ClientMessage message;
  private final byte @Nullable [] payload;
  private boolean indexed;
  private long arrivedNanos;
  private ServerMessage.@Nullable Response answer;

  private PendingRequest(ClientMessage message, byte @Nullable [] payload, boolean indexed) {
    this.message = message;
    this.payload = payload;
    this.indexed = indexed;
  }

  /** Waits for the apply of {@code payload}. */
  static PendingRequest proposed(ClientMessage message, byte[] payload) {
    return new PendingRequest(message, payload, true);
  }

  /** Waits only for the requests before it. */
  static PendingRequest local(ClientMessage message) {
    return new PendingRequest(message, null, true);
  }

  /** Waits for the requests before it, and for a confirmed read index to be applied. */
  static PendingRequest indexed(ClientMessage message) {
    return new PendingRequest(message, null, false);
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
