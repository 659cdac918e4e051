/**
 * Replicas that differ: found by digests at equal zxids, answered by the minority rule (D3, R25).
 *
 * <p>Pure. Confined to the node thread. It decides; the node does: it sends the messages, stops
 * itself when it is found to differ, and takes no proposals while nobody can say who is right.
 *
 * <p>Starting point: {@link io.quorate.server.divergence.DigestExchange}.
 */
@NullMarked
package io.quorate.server.divergence;

import org.jspecify.annotations.NullMarked;
