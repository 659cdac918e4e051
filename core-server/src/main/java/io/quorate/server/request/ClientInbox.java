package io.quorate.server.request;

import io.quorate.protocol.message.ClientMessage;

/** Port: where transports deliver. May be called on any thread; per connection in order. */
public interface ClientInbox {
  /** A client connected and spoke a known protocol. */
  void opened(ClientConnection connection);

  /**
   * A message came.
   *
   * @param bytes its length; given back with {@link ClientConnection#taken} once the node took it
   */
  void received(ClientConnection connection, ClientMessage message, int bytes);

  /** The connection is gone. Last call for it. */
  void closed(ClientConnection connection);
}
