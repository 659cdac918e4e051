package io.quorate.server.divergence;

import io.quorate.data.Zxid;
import io.quorate.server.replication.StateDigest;
import java.util.Locale;

/**
 * Why a server stops and rebuilds its state from its own disk, and how far it may trust that.
 *
 * @param found this server's state
 * @param expectedDigest what the majority has there, or what a walk over the state itself gives
 * @param trustedZxid no snapshot after this one is used: it may hold what is wrong
 * @param conclusive whether the state was known to agree at {@code trustedZxid}; if not, the
 *     snapshot there is only the next best guess, and an older one is tried after it
 */
public record Divergence(
    StateDigest found, long expectedDigest, long trustedZxid, boolean conclusive) {

  /** For a person. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "the state at %s has digest %x (version %d) instead of %x",
        Zxid.format(found.zxid()),
        found.digest(),
        found.version(),
        expectedDigest);
  }
}
