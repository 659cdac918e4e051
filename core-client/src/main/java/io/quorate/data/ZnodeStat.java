package io.quorate.data;

/**
 * What a znode says about itself; the fields and their meaning are ZooKeeper's.
 *
 * @param czxid zxid of the creation; never changes, so (path, czxid) names one life of a znode
 * @param mzxid zxid of the creation or the last change of data
 * @param pzxid zxid of the creation, or of the last creation or deletion of a direct child
 * @param ctimeMillis leader's wall clock at the creation, milliseconds since 1970 UTC
 * @param mtimeMillis leader's wall clock at {@code mzxid}
 * @param version number of data changes; wraps from 2^31-1 to -2^31 and skips -1, which means "any"
 *     in conditions
 * @param cversion creations plus deletions of direct children
 * @param aversion number of ACL changes
 * @param ephemeralOwner id of the owning session, 0 if the znode is not ephemeral
 * @param dataLength length of the data in bytes, 0 for null data
 * @param numChildren number of direct children
 * @param expiresAtMillis log time from which on the ensemble deletes the znode, if it has no
 *     children: the earlier of its expiry and the end of its time to live; 0 if it has neither
 */
public record ZnodeStat(
    long czxid,
    long mzxid,
    long pzxid,
    long ctimeMillis,
    long mtimeMillis,
    int version,
    int cversion,
    int aversion,
    long ephemeralOwner,
    int dataLength,
    int numChildren,
    long expiresAtMillis) {
  /** Of a znode that neither expires nor has a time to live. */
  public ZnodeStat(
      long czxid,
      long mzxid,
      long pzxid,
      long ctimeMillis,
      long mtimeMillis,
      int version,
      int cversion,
      int aversion,
      long ephemeralOwner,
      int dataLength,
      int numChildren) {
    this(
        czxid,
        mzxid,
        pzxid,
        ctimeMillis,
        mtimeMillis,
        version,
        cversion,
        aversion,
        ephemeralOwner,
        dataLength,
        numChildren,
        0);
  }
}
