package io.quorate.server.replication;

/**
 * Where an epoch ends in a history.
 *
 * @param lastZxid last entry of the epoch in this history; its epoch half names the epoch
 * @param chainHash of that entry
 */
public record EpochBoundary(long lastZxid, long chainHash) {}
