package io.quorate.server.access;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import java.util.ArrayList;
import java.util.List;

/**
 * The one authorization point: may somebody with these identities do that with a znode that has
 * this list?
 *
 * <p>An identity of the scheme {@code super} may do everything. Otherwise one entry must grant the
 * permission and match: {@code world} matches everybody, {@code ip} compares the bits of its
 * prefix, every other scheme compares the whole id.
 */
public final class Access {
  private Access() {}

  /**
   * @param acl as stored
   * @param permission one of the constants of {@link Acl}, or a sum of them, of which one is enough
   */
  public static boolean allows(List<Acl> acl, int permission, List<Identity> identities) {
    for (Acl entry : acl) {
      if (entry.allows(permission) && entry.identity().equals(Identity.ANYONE)) {
        return true;
      }
    }
    for (Identity identity : identities) {
      if (identity.scheme().equals(Identity.SUPER)) {
        return true;
      }
    }
    for (Acl entry : acl) {
      if (entry.allows(permission) && matchesAny(entry.identity(), identities)) {
        return true;
      }
    }
    return false;
  }

  /** The list as somebody without ADMIN is shown it. */
  public static List<Acl> masked(List<Acl> acl) {
    List<Acl> masked = new ArrayList<>(acl.size());
    for (Acl entry : acl) {
      masked.add(new Acl(entry.permissions(), entry.identity().masked()));
    }
    return masked;
  }

  private static boolean matchesAny(Identity wanted, List<Identity> identities) {
    for (Identity identity : identities) {
      if (identity.scheme().equals(wanted.scheme()) && matches(wanted, identity)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(Identity wanted, Identity found) {
    if (!wanted.scheme().equals(Identity.IP)) {
      return wanted.id().equals(found.id());
    }
    IpPrefix prefix = IpPrefix.parse(wanted.id());
    return prefix != null && prefix.covers(found.id());
  }
}
