package io.quorate.data;

import org.jspecify.annotations.Nullable;

/**
 * The rules of znode paths, in one place. A path is a {@code String} everywhere; these functions
 * say whether it is one and take it apart.
 *
 * <p>Absolute, components separated by {@code /}, no trailing {@code /} (the root is {@code /}
 * alone), no empty component, no {@code .} or {@code ..}, none of the code units U+0000..U+001F,
 * U+007F..U+009F, U+D800..U+F8FF, U+FFF0..U+FFFF (ZooKeeper's rules, so that every path of one is a
 * path of the other).
 */
public final class ZnodePath {
  public static final String ROOT = "/";

  private ZnodePath() {}

  /** Why {@code path} is not valid, for a person; null if it is valid. */
  public static @Nullable String problemWith(String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      return "a path starts with /";
    }
    if (path.length() == 1) {
      return null;
    }
    if (path.charAt(path.length() - 1) == '/') {
      return "a path does not end in /";
    }
    int start = 1;
    for (int i = 1; i <= path.length(); i++) {
      if (i == path.length() || path.charAt(i) == '/') {
        int length = i - start;
        if (length == 0) {
          return "empty component at index " + start;
        }
        boolean dot = path.charAt(start) == '.';
        if (dot && (length == 1 || (length == 2 && path.charAt(start + 1) == '.'))) {
          return "relative component at index " + start;
        }
        start = i + 1;
      } else if (isForbidden(path.charAt(i))) {
        return "character U+" + Integer.toHexString(path.charAt(i)) + " at index " + i;
      }
    }
    return null;
  }

  public static boolean isValid(String path) {
    return problemWith(path) == null;
  }

  /** Path of the parent of a valid path other than the root. */
  public static String parent(String path) {
    int slash = path.lastIndexOf('/');
    if (path.length() < 2 || slash < 0) {
      throw new IllegalArgumentException(
          "the root and relative paths have no parent: '" + path + "'");
    }
    return slash == 0 ? ROOT : path.substring(0, slash);
  }

  /** Last component of a valid path; empty for the root. */
  public static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Joins a valid parent path and a name. */
  public static String child(String parent, String name) {
    return parent.equals(ROOT) ? ROOT + name : parent + "/" + name;
  }

  private static boolean isForbidden(char c) {
    return c <= 0x1F || (c >= 0x7F && c <= 0x9F) || (c >= 0xD800 && c <= 0xF8FF) || c >= 0xFFF0;
  }
}
