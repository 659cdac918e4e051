package io.quorate.client;

import io.quorate.data.ZnodeStat;
import java.util.List;

/**
 * The children of a znode. A long list comes in pages, between which children can come and go.
 *
 * @param names in name order; every child that existed all the while, and some of the others
 * @param atOneInstant whether these are the children of one instant: no child came or went between
 *     the first page and the last
 * @param stat of the parent, from the last page
 */
public record Children(List<String> names, boolean atOneInstant, ZnodeStat stat) {
  public Children {
    names = List.copyOf(names);
  }
}
