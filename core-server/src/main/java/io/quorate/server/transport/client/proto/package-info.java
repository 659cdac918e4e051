/**
 * The native protocol at the server: frames to messages, messages to frames.
 *
 * <p>Reading is confined to the connection's loop, encoding runs on the node thread. Starting
 * points: {@link io.quorate.server.transport.client.proto.NativeProtocol}, {@code ProtoConnection}.
 */
@NullMarked
package io.quorate.server.transport.client.proto;

import org.jspecify.annotations.NullMarked;
