package io.quorate.server.request;

import io.quorate.protocol.message.ClientMessage;

/** Port: where transports deliver. May be called on any thread; per connection in order. */
public interface ClientInbox {
  /** A client connected and spoke a known protocol. */
  void opened(ClientConnection connection);

  void received(ClientConnection connection, ClientMessage message);

  /** The connection is gone. Last call for it. */
  void closed(ClientConnection connection);
}
