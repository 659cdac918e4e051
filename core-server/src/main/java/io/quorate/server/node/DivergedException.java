package io.quorate.server.node;

import io.quorate.server.divergence.Divergence;

/**
 * The node stopped because its state is not that of the others. It is of no more use; a new one
 * over the same storage, told of the {@link #divergence}, rebuilds the state.
 */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Divergence divergence;

  public DivergedException(Divergence divergence) {
    super(divergence.describe());
    this.divergence = divergence;
  }

  public Divergence divergence() {
    return divergence;
  }
}
