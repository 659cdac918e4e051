package io.quorate.client;

import io.quorate.data.ZnodeStat;
import java.util.List;

/**
 * The children of a znode.
 *
 * @param names in name order
 * @param stat of the parent. A long list comes in pages: when children come and go meanwhile, the
 *     names are those of no single instant, and {@code stat} is that of the last page
 */
public record Children(List<String> names, ZnodeStat stat) {
  public Children {
    names = List.copyOf(names);
  }
}
