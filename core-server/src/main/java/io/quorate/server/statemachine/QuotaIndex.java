package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ZnodePath;
import io.quorate.server.tree.FoundZnode;
import io.quorate.server.tree.TreeReader;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Limits of subtrees, kept where ZooKeeper keeps them: the znode {@code
 * /zookeeper/quota/<path>/zookeeper_limits} holds those of {@code <path>}, in its text form. All
 * limits on the way from the root to a znode hold; what is below {@code /zookeeper} has none, so
 * that a quota can always be changed. Follows from the tree. Confined to the node thread.
 *
 * <p>The figures that are compared are the ones that the tree maintains: a check costs a lookup for
 * each component of the path, and nothing while there is no quota at all.
 */
final class QuotaIndex {
  private static final String SYSTEM = "/zookeeper";
  static final String PREFIX = "/zookeeper/quota";
  private static final String LIMITS = "/zookeeper_limits";
  private static final String STATS = "/zookeeper_stats";

  private final TreeMap<String, QuotaLimits> limits = new TreeMap<>();

  /** How many keys of {@link #limits} have that length: no path need be looked up further. */
  private final TreeMap<Integer, Integer> lengths = new TreeMap<>();

  /** The subtree whose limits a znode holds; null for any other znode. */
  static @Nullable String limitedBy(String znode) {
    return subtree(znode, LIMITS);
  }

  /** The subtree whose figures a znode shows; null for any other znode. */
  static @Nullable String shownBy(String znode) {
    return subtree(znode, STATS);
  }

  private static @Nullable String subtree(String znode, String name) {
    if (!znode.startsWith(PREFIX) || !znode.endsWith(name)) {
      return null;
    }
    String path = znode.substring(PREFIX.length(), znode.length() - name.length());
    return path.isEmpty() ? ZnodePath.ROOT : path;
  }

  /** Null takes the limits away. Returns what was there before. */
  @Nullable QuotaLimits put(String subtree, @Nullable QuotaLimits next) {
    QuotaLimits before = next == null ? limits.remove(subtree) : limits.put(subtree, next);
    int more = (next == null ? 0 : 1) - (before == null ? 0 : 1);
    if (more != 0) {
      lengths.merge(subtree.length(), more, (a, b) -> a + b == 0 ? null : a + b);
    }
    return before;
  }

  boolean isEmpty() {
    return limits.isEmpty();
  }

  /**
   * Whether so much more is allowed at a path; null, or the first limit from the root on that would
   * be exceeded. What does not grow is always allowed.
   *
   * @param warnings gets a line for each soft limit that this change crosses
   */
  OpResult.@Nullable Failure check(
      TreeReader tree, String path, int moreZnodes, long moreBytes, List<String> warnings) {
    if (limits.isEmpty()
        || (moreZnodes <= 0 && moreBytes <= 0)
        || path.equals(SYSTEM)
        || path.startsWith(SYSTEM + "/")) {
      return null;
    }
    int longest = lengths.lastKey();
    int end = 1;
    while (end <= path.length()) {
      String subtree = path.substring(0, end);
      QuotaLimits one = limits.get(subtree);
      if (one != null) {
        OpResult.Failure exceeded = check(tree, subtree, one, moreZnodes, moreBytes, warnings);
        if (exceeded != null) {
          return exceeded;
        }
      }
      if (end == path.length() || end >= longest) {
        break;
      }
      int slash = path.indexOf('/', end == 1 ? 1 : end + 1);
      end = slash < 0 ? path.length() : slash;
    }
    return null;
  }

  private static OpResult.@Nullable Failure check(
      TreeReader tree,
      String subtree,
      QuotaLimits limits,
      int moreZnodes,
      long moreBytes,
      List<String> warnings) {
    FoundZnode root = tree.at(subtree);
    long countBefore = root == null ? 0 : root.descendants() + 1;
    long bytesBefore = root == null ? 0 : root.subtreeBytes();
    long count = countBefore + moreZnodes;
    long bytes = bytesBefore + moreBytes;
    if (moreZnodes > 0 && limits.countHard() != QuotaLimits.NONE && count > limits.countHard()) {
      return new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, limits.countHard(), count);
    }
    if (moreBytes > 0 && limits.bytesHard() != QuotaLimits.NONE && bytes > limits.bytesHard()) {
      return new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, limits.bytesHard(), bytes);
    }
    if (crosses(limits.count(), countBefore, count)) {
      warnings.add(warning(subtree, count, "znodes", limits.count()));
    }
    if (crosses(limits.bytes(), bytesBefore, bytes)) {
      warnings.add(warning(subtree, bytes, "bytes", limits.bytes()));
    }
    return null;
  }

  private static boolean crosses(long limit, long before, long after) {
    return limit != QuotaLimits.NONE && before <= limit && after > limit;
  }

  private static String warning(String subtree, long found, String of, long limit) {
    return subtree + " holds " + found + " " + of + ", its soft quota is " + limit;
  }
}
