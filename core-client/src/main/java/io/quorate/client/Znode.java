package io.quorate.client;

import io.quorate.data.ZnodeStat;
import org.jspecify.annotations.Nullable;

/**
 * What a get answered.
 *
 * @param data the caller's own copy; null if the znode was created with null data
 */
public record Znode(byte @Nullable [] data, ZnodeStat stat) {}
