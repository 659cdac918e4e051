package io.quorate.server.statemachine;

import io.quorate.server.base.Invariant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/**
 * Which znodes the ensemble may delete by itself: those that have a due time or are containers, and
 * have no children now. Follows from the tree, so it is in no snapshot and no digest; built anew
 * when a state is loaded. Confined to the node thread.
 */
final class LifetimeIndex {
  private static final Comparator<Due> EARLIEST_FIRST =
      Comparator.comparingLong(Due::millis).thenComparing(Due::path);

  private final TreeSet<Due> due = new TreeSet<>(EARLIEST_FIRST);
  private final TreeSet<String> containers = new TreeSet<>();

  private record Due(long millis, String path) {}

  /**
   * A znode without children is there, or the last child of one went.
   *
   * @param dueMillis log time; 0 for none
   */
  void add(String path, long dueMillis, boolean container) {
    if (dueMillis != 0) {
      Invariant.check(due.add(new Due(dueMillis, path)), "a due time was added twice");
    }
    if (container) {
      Invariant.check(containers.add(path), "an empty container was added twice");
    }
  }

  /** The reverse, with the same arguments. */
  void remove(String path, long dueMillis, boolean container) {
    if (dueMillis != 0) {
      Invariant.check(due.remove(new Due(dueMillis, path)), "a due time is not in the index");
    }
    if (container) {
      Invariant.check(containers.remove(path), "an empty container is not in the index");
    }
  }

  /** Paths that are due at that time, the earliest first. */
  List<String> dueAt(long nowMillis, int max) {
    List<String> paths = new ArrayList<>();
    Iterator<Due> next = due.iterator();
    while (paths.size() < max && next.hasNext()) {
      Due one = next.next();
      if (one.millis > nowMillis) {
        break;
      }
      paths.add(one.path);
    }
    return paths;
  }

  /** Empty containers in path order, above a path; empty for all. */
  List<String> containersAfter(String path, int max) {
    List<String> paths = new ArrayList<>();
    Iterator<String> next = containers.tailSet(path, false).iterator();
    while (paths.size() < max && next.hasNext()) {
      paths.add(next.next());
    }
    return paths;
  }

  int size() {
    return due.size() + containers.size();
  }
}
