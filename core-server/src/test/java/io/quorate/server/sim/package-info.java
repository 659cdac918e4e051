/**
 * The deterministic simulator: whole ensembles with their clients, networks and disks in one heap
 * of events that one seed decides.
 *
 * <p>What runs is the real thing: replication, node, state machine, file storage, codecs and the
 * client's session machine. What is simulated is everything below: time, randomness, links, disks,
 * the death of processes. Single-threaded; a {@link io.quorate.server.sim.World} owns all that one
 * run needs, and nothing of it is static, so that worlds can run beside and after each other
 * without a trace.
 *
 * <p>Starting points: {@link io.quorate.server.sim.SimMain} (the command), {@link
 * io.quorate.server.sim.World} (the heap), {@link io.quorate.server.sim.Simulation} (one run from
 * its seed to its verdict), {@link io.quorate.server.sim.Checker} (what must hold). {@code
 * docs/testing.md} says how to replay a seed and how to read a trace.
 */
@NullMarked
package io.quorate.server.sim;

import org.jspecify.annotations.NullMarked;
