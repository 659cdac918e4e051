/**
 * Service registration and discovery.
 *
 * <ul>
 *   <li><b>Guarantee:</b> an id of a service has at most one owner at any zxid; a registration goes
 *       on, with its newest payload, until it is closed. A {@link
 *       io.quorate.recipes.discovery.Discovery} shows every instance that exists, as of a zxid and
 *       an age that it tells.
 *   <li><b>Disconnect:</b> nobody sees anything while the session lives; views go on being served
 *       and grow older.
 *   <li><b>Session expiry:</b> the znode ends with the session, or is replaced in one multi by that
 *       of the next session, whichever comes first.
 *   <li><b>Cost:</b> register, update, unregister: one replicated round trip each. A view has one
 *       recursive watch, loads once, and then reads what changed.
 * </ul>
 *
 * <p>Starting points: {@link io.quorate.recipes.discovery.Registration} and {@code
 * RegistrationLane}; {@link io.quorate.recipes.discovery.Discovery} and {@code ServiceView}. Each
 * is confined to a serial executor of its own on the client's callback threads; picks are made
 * under a lock, on any thread.
 */
@NullMarked
package io.quorate.recipes.discovery;

import org.jspecify.annotations.NullMarked;
