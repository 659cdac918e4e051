package io.quorate.server.replication;

/**
 * What one replica's state is after one entry, in 64 bits.
 *
 * @param zxid applied
 * @param version of the state machine in force after it
 * @param digest rolling digest; equal at equal zxids on every replica, or one of them is wrong
 */
public record StateDigest(long zxid, int version, long digest) {
  /** No state at all. */
  public static final StateDigest NONE = new StateDigest(0, 0, 0);
}
