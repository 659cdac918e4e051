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
    int numChildren) {}
