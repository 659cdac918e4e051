package io.quorate.server.node;

/** The node stopped because going on could lose data or can't help. The message is for a person. */
public final class NodeHaltedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NodeHaltedException(String message) {
    super(message);
  }
}
