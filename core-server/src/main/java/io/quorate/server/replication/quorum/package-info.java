/**
 * Arithmetic of quorums: when a vote is won, what is committed. Functions of numbers; knows nothing
 * of servers, logs or messages.
 *
 * <p>Pure. Starting point: {@link io.quorate.server.replication.quorum.Majority}.
 */
@NullMarked
package io.quorate.server.replication.quorum;

import org.jspecify.annotations.NullMarked;
