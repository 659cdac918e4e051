/**
 * The replicated log: founding, election, discovery, synchronization, broadcast. Zab as a pure step
 * function.
 *
 * <p>{@code Replica.step(input, now)} returns effects; whoever drives it executes them in the order
 * given and feeds completions back. No clock, thread, random source of its own, file, socket or
 * logger. Confined to the node thread.
 *
 * <p>Starting points: {@link io.quorate.server.replication.Input}, {@link
 * io.quorate.server.replication.Effect}, then {@code Replica}.
 */
@NullMarked
package io.quorate.server.replication;

import org.jspecify.annotations.NullMarked;
