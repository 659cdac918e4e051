package io.quorate.client;

/** The access control list is empty, too long, or names what is no identity. */
public final class InvalidAclException extends OperationException {
  private static final long serialVersionUID = 1L;

  public InvalidAclException(String message, String path, int opIndex) {
    super(message, path, opIndex);
  }
}
