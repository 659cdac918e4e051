package io.quorate.recipes.config;

import io.quorate.client.QuorateException;
import org.jspecify.annotations.Nullable;

/** There is no value: nothing good was read yet, and no initial value was given. */
public final class ConfigUnavailableException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable ConfigProblem problem;

  ConfigUnavailableException(String message, @Nullable ConfigProblem problem) {
    super(message);
    this.problem = problem;
    Throwable cause = problem == null ? null : problem.cause();
    if (cause != null) {
      addSuppressed(cause);
    }
  }

  /** What was found instead; null if no server answered yet. */
  public @Nullable ConfigProblem problem() {
    return problem;
  }
}
