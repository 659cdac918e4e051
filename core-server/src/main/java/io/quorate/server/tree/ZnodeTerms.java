package io.quorate.server.tree;

import io.quorate.data.Acl;
import java.util.List;

/**
 * What most znodes have none of: who may do what with it, and when the ensemble deletes it.
 *
 * @param acl as stored: valid, without {@code auth}
 * @param aversion number of changes of the list
 * @param ttlMillis time to live since the last change of data; 0 for none
 * @param expiresAtMillis log time from which on it is deleted once it has no children; 0 for never
 * @param container whether it is deleted some time after its last child went
 */
public record ZnodeTerms(
    List<Acl> acl, int aversion, long ttlMillis, long expiresAtMillis, boolean container) {
  /** Open to everybody, without end. */
  public static final ZnodeTerms USUAL = new ZnodeTerms(Acl.OPEN, 0, 0, 0, false);

  /** Log time from which on a znode that was last changed then is to be deleted; 0 for never. */
  static long dueMillis(long expiresAtMillis, long ttlMillis, long mtimeMillis) {
    if (ttlMillis == 0) {
      return expiresAtMillis;
    }
    long end = mtimeMillis + ttlMillis;
    if (end < mtimeMillis) {
      end = Long.MAX_VALUE;
    }
    return expiresAtMillis == 0 ? end : Math.min(end, expiresAtMillis);
  }
}
