package io.quorate.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an access control list may hold. A part of the state machine: the rules decide outcomes at
 * apply.
 */
public final class AclRules {
  /** Entries of one list, as stored. */
  public static final int ENTRIES_MAX = 64;

  /** UTF-8 bytes of all schemes and ids of one list, as stored. */
  public static final int BYTES_MAX = 4096;

  private AclRules() {}

  /**
   * The list to store for one that is given: without duplicates, and with the authenticated
   * identities of who gives it in place of {@code auth}.
   *
   * @param given null counts as empty
   * @return null if the list is not valid: empty, before or after that; an unknown scheme; an id
   *     that the scheme does not allow; permissions outside 1 to 31; beyond a limit
   */
  public static @Nullable List<Acl> toStore(@Nullable List<Acl> given, List<Identity> identities) {
    if (given == null || given.isEmpty()) {
      return null;
    }
    if (given.equals(Acl.OPEN)) {
      return Acl.OPEN;
    }
    Set<Acl> stored = new LinkedHashSet<>();
    for (Acl entry : given) {
      // Fields are checked for null although no codec yields it: apply is total.
      if (entry == null
          || entry.identity() == null
          || entry.permissions() < 1
          || entry.permissions() > Acl.ALL) {
        return null;
      }
      if (Identity.AUTH.equals(entry.identity().scheme())) {
        if (!expand(entry.permissions(), identities, stored)) {
          return null;
        }
      } else if (isStorable(entry.identity())) {
        stored.add(entry);
      } else {
        return null;
      }
      if (stored.size() > ENTRIES_MAX) {
        return null;
      }
    }
    return isWithinBytes(stored) ? List.copyOf(stored) : null;
  }

  /** Whether a list could have been stored, for lists that come from a file. */
  public static boolean isStored(List<Acl> acl) {
    return acl.equals(toStore(acl, List.of()));
  }

  /** False if nobody is authenticated. The identity of an address proves nothing. */
  private static boolean expand(int permissions, List<Identity> identities, Set<Acl> stored) {
    boolean any = false;
    for (Identity identity : identities) {
      if (identity.scheme().equals(Identity.DIGEST) && isStorable(identity)) {
        stored.add(new Acl(permissions, identity));
        any = true;
      }
    }
    return any;
  }

  private static boolean isStorable(Identity identity) {
    String id = identity.id();
    if (identity.scheme() == null || id == null || !isWellFormed(id)) {
      return false;
    }
    return switch (identity.scheme()) {
      case Identity.WORLD -> identity.equals(Identity.ANYONE);
      case Identity.DIGEST -> isDigest(id);
      case Identity.IP -> IpPrefix.parse(id) != null;
      default -> false;
    };
  }

  /** Two parts around one colon. */
  private static boolean isDigest(String id) {
    int colon = id.indexOf(':');
    return colon > 0 && colon < id.length() - 1 && id.indexOf(':', colon + 1) < 0;
  }

  private static boolean isWithinBytes(Set<Acl> stored) {
    int bytes = 0;
    for (Acl entry : stored) {
      bytes += entry.identity().scheme().length() + entry.identity().id().getBytes(UTF_8).length;
      if (bytes > BYTES_MAX) {
        return false;
      }
    }
    return true;
  }

  /** Whether UTF-8 expresses it: every surrogate has its partner. */
  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
