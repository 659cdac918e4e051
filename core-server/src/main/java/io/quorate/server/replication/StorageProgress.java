package io.quorate.server.replication;

/**
 * Whether storage goes on: since when it has completed nothing of what it was given. A leader whose
 * disk hangs must not stay leader by heartbeats, which touch no disk (R27).
 */
final class StorageProgress {
  private int outstanding;
  private long sinceNanos;

  /** Storage was given something that completes. */
  void begun(long nowNanos) {
    if (outstanding == 0) {
      sinceNanos = nowNanos;
    }
    outstanding++;
  }

  void completed(long nowNanos) {
    outstanding = Math.max(0, outstanding - 1);
    sinceNanos = nowNanos;
  }

  /** How long something has been waiting without any other thing getting done. */
  long silenceNanos(long nowNanos) {
    return outstanding == 0 ? 0 : nowNanos - sinceNanos;
  }
}
