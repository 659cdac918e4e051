package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.server.access.Access;
import java.util.List;

/**
 * In whose name an operation is done.
 *
 * @param sessionId owner of what it creates as ephemeral; 0 for none
 * @param identities of its connection
 */
public record Caller(long sessionId, List<Identity> identities) {
  /** The ensemble itself, which may do everything: sweeps, ends of sessions, inspection. */
  public static final Caller ENSEMBLE =
      new Caller(0, List.of(new Identity(Identity.SUPER, "ensemble")));

  public Caller {
    identities = List.copyOf(identities);
  }

  /** The one authorization point of reads and writes. */
  boolean may(int permission, List<Acl> acl) {
    return Access.allows(acl, permission, identities);
  }
}
