/**
 * A near cache: values of a subtree in this process, kept right by one recursive watch.
 *
 * <ul>
 *   <li><b>Guarantee:</b> what is cached is what the session would read: the event of a change
 *       removes the value before the answer of any later operation arrives, so also one's own
 *       writes are seen. Each value says the zxid that it was read at.
 *   <li><b>Disconnect:</b> values stay, and the cache says their age; or it refuses to serve what
 *       was not known to be current for too long.
 *   <li><b>Session expiry:</b> everything is dropped and loaded anew when asked for.
 *   <li><b>Cost:</b> a hit costs nothing, a miss one read however many ask at once; a change costs
 *       one event.
 * </ul>
 *
 * <p>Starting point: {@link io.quorate.recipes.cache.NearCache}. No lane of its own: events and
 * answers are handled where the client tells them, in the order of the server's stream.
 */
@NullMarked
package io.quorate.recipes.cache;

import org.jspecify.annotations.NullMarked;
