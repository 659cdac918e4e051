package io.quorate.server.request;

import io.quorate.protocol.message.ServerMessage;

/**
 * Port: one connected client, as the node sees it. Implemented by the transports and by the
 * simulated network. Called on the node thread only; never blocks.
 */
public interface ClientConnection {
  /** Unique among the connections of this process, never reused. */
  long id();

  /** Address for people and logs. */
  String remoteAddress();

  /** Numeric address of the client, without port and zone; empty if it has none. */
  String hostAddress();

  /** The node took a message of so many bytes up: it waits in the inbox no longer. */
  void taken(int bytes);

  /** Queues a message behind the earlier ones. Ignored once the connection is closed. */
  void send(ServerMessage message);

  /** Pushes out what was queued. Called once per turn of the node. */
  void flush();

  /** Closes after what was sent before is out. {@link ClientInbox#closed} follows. */
  void close();
}
