package io.quorate.server.divergence;

import io.quorate.data.Zxid;
import io.quorate.server.replication.StateDigest;
import java.util.Locale;

/**
 * Why a server stops and rebuilds its state from its own disk, and how far it may trust that.
 *
 * @param found this server's state
 * @param expectedDigest what the majority has there, or what a walk over the state itself gives
 * @param trustedZxid the state was known to agree there: no snapshot after it is used
 */
public record Divergence(StateDigest found, long expectedDigest, long trustedZxid) {

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
