/**
 * Leader election: one participant at a time holds the title, in the order in which they came.
 *
 * <ul>
 *   <li><b>Guarantee:</b> at any zxid at most one participant has the title; epochs (fencing
 *       tokens) strictly increase; nobody else is elected before the end of {@code safeUntil},
 *       which is told to the holder in time. Each participant hears of its elections and
 *       depositions strictly in turn.
 *   <li><b>Disconnect:</b> the title stays while the session lives, unless the policy says to step
 *       down.
 *   <li><b>Session expiry:</b> the title is lost; once {@code onDeposed} has returned, the
 *       participant queues again, at the end.
 *   <li><b>Hand-over:</b> whoever steps down keeps the title until {@code onDeposed} has returned,
 *       but no longer than the hand-over time.
 *   <li><b>Cost:</b> candidacy 1, hand-over 1 replicated round trip; one participant wakes.
 * </ul>
 *
 * <p>Starting points: {@link io.quorate.recipes.leader.LeaderLatch}, {@link
 * io.quorate.recipes.leader.LeaderSelector}, then {@code Candidacy}, which is confined to a serial
 * executor of its own on the client's callback threads.
 */
@NullMarked
package io.quorate.recipes.leader;

import org.jspecify.annotations.NullMarked;
