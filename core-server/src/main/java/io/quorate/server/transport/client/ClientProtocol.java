package io.quorate.server.transport.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelPipeline;

/**
 * One protocol of the client port: how it is recognised, and what then serves the connection. A row
 * of the sniffer's table. Thread-safe.
 */
public interface ClientProtocol {
  /** Most bytes that {@link #match} may ask for. */
  int START_BYTES_MAX = 4;

  /** Whether a connection speaks a protocol, going by its first bytes. */
  enum Match {
    YES,
    NO,
    /** Not known before there are more bytes; never answered to {@link #START_BYTES_MAX}. */
    MORE
  }

  /** For logs and meters. */
  String name();

  /** Looks at the first bytes of a connection; at least one. Does not move the buffer's indices. */
  Match match(ByteBuf start);

  /**
   * Adds the handlers that serve the connection; they see it from its first byte on. Called on the
   * connection's loop, after the channel became active.
   */
  void install(ChannelPipeline pipeline, Admission admission);
}
