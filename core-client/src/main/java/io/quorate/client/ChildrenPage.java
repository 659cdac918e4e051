package io.quorate.client;

import io.quorate.data.ZnodeStat;
import java.util.List;

/**
 * Some of the children of a znode, as of one instant.
 *
 * @param names in name order
 * @param more whether there are greater names than the last one
 * @param stat of the parent
 */
public record ChildrenPage(List<String> names, boolean more, ZnodeStat stat) {
  public ChildrenPage {
    names = List.copyOf(names);
  }

  /** The greatest name: what to begin the next page after. Empty if the page is. */
  public String last() {
    return names.isEmpty() ? "" : names.get(names.size() - 1);
  }
}
