/**
 * The links between servers over TCP: one port, one authenticated connection per pair, checksummed
 * frames. The bytes are drawn in {@code docs/protocol-peer.md}.
 *
 * <p>Everything that changes is confined to one event loop, the <em>peer loop</em>, except for the
 * outbox, which belongs to the node thread, and the byte budgets, which both count.
 *
 * <p>Starting points: {@link io.quorate.server.transport.peer.NettyPeerTransport}, then {@code
 * PeerHandshake}, which knows neither sockets nor clocks.
 */
@NullMarked
package io.quorate.server.transport.peer;

import org.jspecify.annotations.NullMarked;
