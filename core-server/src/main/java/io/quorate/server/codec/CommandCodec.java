package io.quorate.server.codec;

import io.quorate.server.statemachine.Command;

/** Commands as the payload of log entries. */
public final class CommandCodec {
  private CommandCodec() {}

  /** The one encoding of that command. */
  public static byte[] encode(Command command) {
    throw new UnsupportedOperationException("follows" + command);
  }

  /**
   * The command whose encoding this is.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static Command decode(byte[] bytes) {
    throw new UnsupportedOperationException("follows" + bytes.length);
  }
}
