/**
 * What both kinds of sockets share: the event loops.
 *
 * <p>Netty stays below this package; the root starts {@link
 * io.quorate.server.transport.EventLoops}, hands them to the transports and closes them last.
 */
@NullMarked
package io.quorate.server.transport;

import org.jspecify.annotations.NullMarked;
