/**
 * The shell of sockets around a session machine: connects, frames, encodes, flushes in batches and
 * keeps the time.
 *
 * <p>Owns the client's one I/O thread (a Netty event loop), to which the machine and the connection
 * are confined, and a thread that looks up host names while there are any to look up. Nothing here
 * runs code of the user.
 *
 * <p>Starting point: {@link io.quorate.client.connection.SessionDriver}.
 */
@NullMarked
package io.quorate.client.connection;

import org.jspecify.annotations.NullMarked;
