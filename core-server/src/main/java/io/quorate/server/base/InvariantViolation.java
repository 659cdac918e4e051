package io.quorate.server.base;

/**
 * The node found itself in a state that must not exist. Never caught to go on; the thread's top
 * hands it to the {@link FaultHandler}.
 */
public final class InvariantViolation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvariantViolation(String message) {
    super(message);
  }
}
