/**
 * Tells the protocols of the client port apart by their first bytes.
 *
 * <p>Confined to each connection's loop. Starting point: {@link
 * io.quorate.server.transport.client.sniff.ProtocolSniffer}.
 */
@NullMarked
package io.quorate.server.transport.client.sniff;

import org.jspecify.annotations.NullMarked;
