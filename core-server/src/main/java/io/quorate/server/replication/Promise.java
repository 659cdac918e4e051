package io.quorate.server.replication;

import org.jspecify.annotations.Nullable;

/**
 * What a node must never forget, kept in the superblock: it leaves the node only after it is
 * durable in both slots.
 *
 * @param clusterId the ensemble it belongs to; 0 = none yet
 * @param incarnation this life of the data directory; drawn at random when it is made, never 0
 * @param epoch the greatest epoch it has promised to (accepted epoch); never decreases
 * @param votedFor to whom it promised {@code epoch}; 0 = to nobody in particular (it only heard of
 *     the epoch)
 * @param membership the newest membership known to be committed; null before founding completed
 */
public record Promise(
    long clusterId, long incarnation, long epoch, int votedFor, @Nullable Membership membership) {}
