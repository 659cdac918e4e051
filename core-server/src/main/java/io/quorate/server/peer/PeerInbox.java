package io.quorate.server.peer;

/** Where a transport delivers. May be called on any thread; never blocks it for long. */
public interface PeerInbox {
  void linkUp(int peer);

  void linkDown(int peer, String reason);

  /** One whole, checksummed message body. */
  void received(int peer, byte[] body);
}
