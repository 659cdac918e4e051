/**
 * The client port: accepting, limits, and the port by which protocols plug in.
 *
 * <p>Connections live on the client event loops; each is confined to one of them. What a connection
 * says goes to {@link io.quorate.server.request.ClientInbox}.
 *
 * <p>Starting points: {@link io.quorate.server.transport.client.ClientListener}, {@link
 * io.quorate.server.transport.client.ClientProtocol}.
 */
@NullMarked
package io.quorate.server.transport.client;

import org.jspecify.annotations.NullMarked;
