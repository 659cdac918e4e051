/**
 * Sessions: the replicated table of who is open, with the answers kept for exactly once, and the
 * leader's own leases that tell who went silent.
 *
 * <p>Pure; time is a parameter. Confined to the node thread, except for what a view shows, which is
 * immutable.
 *
 * <p>Starting points: {@link io.quorate.server.session.SessionInfo}, {@link
 * io.quorate.server.session.SessionLeases}.
 */
@NullMarked
package io.quorate.server.session;

import org.jspecify.annotations.NullMarked;
