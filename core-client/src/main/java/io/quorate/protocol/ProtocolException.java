package io.quorate.protocol;

import io.quorate.data.ErrorCode;

/**
 * What was received is no message of the native protocol. The receiver refuses with {@link #code()}
 * and closes the connection; nothing of the frame was acted upon.
 */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /** As {@link ErrorCode#MALFORMED}. */
  public ProtocolException(String message) {
    this(ErrorCode.MALFORMED, message);
  }

  public ProtocolException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /**
   * {@link ErrorCode#UNIMPLEMENTED} for a message or operation of a newer version, {@link
   * ErrorCode#REQUEST_TOO_LARGE} for a limit, else {@link ErrorCode#MALFORMED}.
   */
  public ErrorCode code() {
    return code;
  }
}
