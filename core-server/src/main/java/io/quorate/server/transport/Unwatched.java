package io.quorate.server.transport;

import io.netty.channel.Channel;

/**
 * Calls on a channel whose outcome nobody waits for: success shows in the channel's life, failure
 * as an exception in its pipeline, followed by its end.
 */
public final class Unwatched {
  private Unwatched() {}

  /** Closes; {@code channelInactive} follows. */
  @SuppressWarnings("FutureReturnValueIgnored") // see the class comment
  public static void close(Channel channel) {
    channel.close();
  }

  /** Writes without a promise of its own; a failure comes as an exception in the pipeline. */
  @SuppressWarnings("FutureReturnValueIgnored") // see the class comment
  public static void write(Channel channel, Object message) {
    channel.write(message, channel.voidPromise());
  }
}
