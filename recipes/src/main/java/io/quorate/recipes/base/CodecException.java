package io.quorate.recipes.base;

import io.quorate.client.QuorateException;

/** Bytes that are no value of the expected kind, or a value that has no bytes. */
public final class CodecException extends QuorateException {
  private static final long serialVersionUID = 1L;

  public CodecException(String message, Throwable cause) {
    super(message, cause);
  }
}
