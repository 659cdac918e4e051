/**
 * The client's side of a session, without sockets, threads or clock: inputs in, outputs out.
 *
 * <p>Pure. Confined to one thread, the client's I/O thread; the shell in {@code client.connection}
 * and the simulator drive the same class.
 *
 * <p>Starting points: {@link io.quorate.client.session.SessionMachine}, {@link
 * io.quorate.client.session.SessionInput}, {@link io.quorate.client.session.SessionOutput}.
 */
@NullMarked
package io.quorate.client.session;

import org.jspecify.annotations.NullMarked;
