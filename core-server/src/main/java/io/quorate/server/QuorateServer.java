package io.quorate.server;

import io.quorate.server.config.ServerConfig;
import io.quorate.server.node.NodeStatus;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * One running server.
 *
 * <p>{@link #start}, {@link #close} and {@link #kill} belong to whoever owns the server; the other
 * methods may be called on any thread.
 */
public final class QuorateServer implements AutoCloseable {

  private QuorateServer() {}

  /**
   * Opens the data directory, takes both ports and starts. On return the storage is recovered and
   * the ports are open; whether the server serves is up to its peers.
   *
   * @throws java.io.UncheckedIOException if a port can't be had; the message names it
   * @throws io.quorate.server.storage.StorageException if the data directory is in use or can't be
   *     used; the message names it
   * @throws IllegalArgumentException if the configuration contradicts what the data directory says
   */
  public static QuorateServer start(ServerConfig config, ServerOptions options) {
    throw new UnsupportedOperationException("skeleton: " + config + options);
  }

  /** As configured. */
  public int id() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Where clients are accepted. */
  public InetSocketAddress clientAddress() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Where peers are accepted. */
  public InetSocketAddress peerAddress() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The picture after the last turn of the node. */
  public NodeStatus status() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Leader, follower, looking or unfounded. */
  public String role() {
    return status().replica().role().name().toLowerCase(Locale.ROOT);
  }

  /** Whether clients are served at the moment. */
  public boolean serves() {
    return status().serving();
  }

  /**
   * Ends a session through the log as if it had timed out; for tests and operators. Ignored unless
   * this server leads.
   */
  public void expireSession(long sessionId) {
    throw new UnsupportedOperationException("skeleton: " + sessionId);
  }

  /** For tests: cuts the link with that peer, in both directions, until {@link #unblock}. */
  public void block(int peer) {
    throw new UnsupportedOperationException("skeleton: " + peer);
  }

  /** For tests: ends {@link #block}. */
  public void unblock(int peer) {
    throw new UnsupportedOperationException("skeleton: " + peer);
  }

  /** Closes in good order: tells the clients, then the peers, syncs what is under way. */
  @Override
  public void close() {}

  /**
   * For tests: ends as if the process were killed. Nobody is told, what was not written is lost.
   * The data directory can be opened again on return.
   */
  public void kill() {}
}
