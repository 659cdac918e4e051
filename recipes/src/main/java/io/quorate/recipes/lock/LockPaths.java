package io.quorate.recipes.lock;

import io.quorate.data.ZnodePath;

/** Checks paths that recipes of this package are given. */
final class LockPaths {
  private LockPaths() {}

  static String valid(String path, String what) {
    String problem =
        path.equals(ZnodePath.ROOT) ? "the root can't be " + what : ZnodePath.problemWith(path);
    if (problem != null) {
      throw new IllegalArgumentException("path of " + what + ": " + problem + ": '" + path + "'");
    }
    return path;
  }
}
