package io.quorate.server.transport.client;

import io.netty.channel.ChannelPipeline;

/** What takes a new connection of the client port: the sniffer. Thread-safe. */
public interface ConnectionStart {
  /** Adds the first handler. Called on the connection's loop. */
  void begin(ChannelPipeline pipeline, Admission admission);
}
