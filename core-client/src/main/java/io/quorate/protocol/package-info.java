/**
 * The native protocol on the wire: frames, and messages as protobuf.
 *
 * <p>No I/O, no threads, no Netty: bytes in, values out, and back. The protobuf classes (package
 * {@code io.quorate.protocol.wire}, generated from {@code quorate_native.proto}) do not leave this
 * package: everybody else speaks {@link io.quorate.protocol.message}.
 *
 * <p>Starting points: {@link io.quorate.protocol.NativeCodec}, {@link io.quorate.protocol.Framing};
 * the conversation is described in {@code docs/protocol-native.md}.
 */
@NullMarked
package io.quorate.protocol;

import org.jspecify.annotations.NullMarked;
