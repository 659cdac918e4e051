package io.quorate.server.cli;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import java.util.ArrayList;
import java.util.List;

/**
 * Access control lists as text: {@code SCHEME:ID:PERMISSIONS,...}, where the permissions are some
 * of the letters {@code cdrwa} (create, delete, read, write, admin), such as {@code
 * world:anyone:r,digest:ann:<hash>:cdrwa}. The id may hold colons.
 */
final class AclText {
  private static final String LETTERS = "cdrwa";
  private static final int[] BITS = {Acl.CREATE, Acl.DELETE, Acl.READ, Acl.WRITE, Acl.ADMIN};

  private AclText() {}

  static String of(Acl entry) {
    StringBuilder text = new StringBuilder(entry.identity().text()).append(':');
    for (int i = 0; i < BITS.length; i++) {
      if (entry.allows(BITS[i])) {
        text.append(LETTERS.charAt(i));
      }
    }
    return text.toString();
  }

  static List<Acl> parse(String text) {
    List<Acl> entries = new ArrayList<>();
    for (String entry : text.split(",", -1)) {
      int first = entry.indexOf(':');
      int last = entry.lastIndexOf(':');
      if (first < 1 || last == first || last == entry.length() - 1) {
        throw new IllegalArgumentException(
            "expected SCHEME:ID:PERMISSIONS, found \"" + entry + "\"");
      }
      Identity identity = new Identity(entry.substring(0, first), entry.substring(first + 1, last));
      entries.add(new Acl(permissions(entry.substring(last + 1)), identity));
    }
    return entries;
  }

  private static int permissions(String letters) {
    int permissions = 0;
    for (char letter : letters.toCharArray()) {
      int index = LETTERS.indexOf(letter);
      if (index < 0) {
        throw new IllegalArgumentException(
            "expected permissions out of " + LETTERS + ", found \"" + letters + "\"");
      }
      permissions |= BITS[index];
    }
    return permissions;
  }
}
