package io.quorate.recipes.discovery;

/**
 * One use of an instance, from the pick to {@link #close}. Counts as outstanding meanwhile. Any
 * thread.
 *
 * <pre>{@code
 * try (Pick pick = discovery.pick()) {
 *   try {
 *     call(pick.instance().uri());
 *   } catch (IOException e) {
 *     pick.failed();
 *     throw e;
 *   }
 * }
 * }</pre>
 */
public final class Pick implements AutoCloseable {
  private final Endpoints endpoints;
  private final Endpoints.Endpoint endpoint;
  private final Instance instance;
  private final boolean probe;

  /** Guarded by the lock of the endpoints. */
  private boolean failed;

  /** Guarded by the lock of the endpoints. */
  private boolean closed;

  Pick(Endpoints endpoints, Endpoints.Endpoint endpoint, Instance instance, boolean probe) {
    this.endpoints = endpoints;
    this.endpoint = endpoint;
    this.instance = instance;
    this.probe = probe;
  }

  /** As it was when it was picked. */
  public Instance instance() {
    return instance;
  }

  /**
   * The instance did not do what it should: this handle picks it no more for a while. Afterwards it
   * gets one try; if that fails too it rests twice as long, otherwise all is forgotten. Counts once
   * for each pick, and once for all that fail while it rests. Does not close the pick.
   */
  public void failed() {
    endpoints.failed(this);
  }

  /** The use is over, well unless {@link #failed} was called. Idempotent, never throws. */
  @Override
  public void close() {
    endpoints.closed(this);
  }

  Endpoints.Endpoint endpoint() {
    return endpoint;
  }

  /** Whether it tries an instance that failed before. */
  boolean isProbe() {
    return probe;
  }

  /** Whether this is the first time. */
  boolean markFailed() {
    boolean first = !failed && !closed;
    failed = true;
    return first;
  }

  /** Whether this is the first time. */
  boolean markClosed() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  boolean hasFailed() {
    return failed;
  }

  @Override
  public String toString() {
    return "Pick(" + instance.id() + ")";
  }
}
