package io.quorate.recipes.cache;

import java.util.Optional;

/**
 * What a key was at a zxid.
 *
 * @param key as asked for
 * @param value empty if there is no such znode
 * @param zxid at which the znode was so; unless {@link NearCache#age} says otherwise, it still is
 * @param mzxid at which the value was written; 0 if there is none
 */
public record Cached<T>(String key, Optional<T> value, long zxid, long mzxid) {}
