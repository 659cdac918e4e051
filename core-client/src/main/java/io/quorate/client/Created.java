package io.quorate.client;

import io.quorate.data.ZnodeStat;

/**
 * A znode was created.
 *
 * @param path its path, with the digits for sequential modes
 * @param stat {@code stat.czxid()} names this life of the znode, and serves as fencing token
 */
public record Created(String path, ZnodeStat stat) {}
