package io.quorate.client;

import java.util.List;

/**
 * Some paths of a longer list.
 *
 * @param paths in path order
 * @param more whether there are greater paths than the last one
 */
public record PathsPage(List<String> paths, boolean more) {
  public PathsPage {
    paths = List.copyOf(paths);
  }

  /** The greatest path: what to begin the next page after. Empty if the page is. */
  public String last() {
    return paths.isEmpty() ? "" : paths.get(paths.size() - 1);
  }
}
