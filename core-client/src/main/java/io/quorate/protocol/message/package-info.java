/**
 * The conversation between a client and a server as plain values, whatever the encoding on the
 * wire.
 *
 * <p>The session machine of the client and the request path of the server speak these; {@code
 * NativeCodec} maps them to protobuf. Pure: no protobuf, no Netty, no I/O.
 *
 * <p>Starting points: {@link io.quorate.protocol.message.ClientMessage}, {@link
 * io.quorate.protocol.message.ServerMessage}.
 */
@NullMarked
package io.quorate.protocol.message;

import org.jspecify.annotations.NullMarked;
