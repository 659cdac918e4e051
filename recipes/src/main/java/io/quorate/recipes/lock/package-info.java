/**
 * The distributed lock.
 *
 * <ul>
 *   <li><b>Guarantee:</b> at any zxid at most one grant of a path is held; tokens strictly
 *       increase; nobody else is granted before the end of {@code safeUntil}, which is told to the
 *       holder in time.
 *   <li><b>Disconnect:</b> nothing happens while the session lives; the client moves to another
 *       server and grants and places in the queue stay.
 *   <li><b>Session expiry:</b> a grant is lost for good, with one {@code onLost}; whoever waits
 *       queues again, at the end, until its deadline.
 *   <li><b>Fairness:</b> first come, first served, in the order of creation of the waiters' znodes.
 *   <li><b>Cost:</b> create, list, release: three round trips without contention. A waiter watches
 *       its predecessor and itself, so a release wakes one waiter.
 * </ul>
 *
 * <p>Starting points: {@link io.quorate.recipes.lock.DistributedLock}, then {@code LockAttempt}. An
 * attempt is confined to a serial executor of its own, on the client's callback threads.
 */
@NullMarked
package io.quorate.recipes.lock;

import org.jspecify.annotations.NullMarked;
