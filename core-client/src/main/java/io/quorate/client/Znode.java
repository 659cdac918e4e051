package io.quorate.client;

import io.quorate.data.ZnodeStat;
import org.jspecify.annotations.Nullable;

/**
 * What a get answered.
 *
 * @param data the caller's own copy; null if the znode was created with null data
 * @param zxid what the answering server had applied; in a multi that of the multi. The znode was as
 *     said at that zxid, at which it may have been unchanged for long: {@code stat.mzxid()} says so
 */
public record Znode(byte @Nullable [] data, ZnodeStat stat, long zxid) {}
