/**
 * Fixed binary layouts of what goes to the log, to snapshots and to peers.
 *
 * <p>No I/O, no protobuf. Functions of their input; any thread. Every decoder is bounded and
 * answers malformed bytes with {@link IllegalArgumentException} and nothing else.
 *
 * <p>Starting points: {@code CommandCodec}, {@code SnapshotCodec}, {@code PeerMessageCodec}.
 */
@NullMarked
package io.quorate.server.codec;

import org.jspecify.annotations.NullMarked;
