/**
 * The path of a client's request through a server: session gate, order, reads, writes, pending
 * replies. Protocol-neutral.
 *
 * <p>No Netty, no I/O. Confined to the node thread.
 *
 * <p>Starting points: {@link io.quorate.server.request.ClientConnection}, {@link
 * io.quorate.server.request.ClientInbox}.
 */
@NullMarked
package io.quorate.server.request;

import org.jspecify.annotations.NullMarked;
