/**
 * The driver: the only place where the effects of the core are executed.
 *
 * <p>{@link io.quorate.server.node.Node} is single-threaded and has no thread, clock or random
 * source of its own, so that the simulator drives it as the real shell does. {@code NodeThread},
 * {@code LogThread} and {@code SnapshotThread} are that shell; {@code docs/threads.md} says which
 * thread may do what.
 *
 * <p>Starting points: {@link io.quorate.server.node.Node}, {@link
 * io.quorate.server.node.StorageWorker}.
 */
@NullMarked
package io.quorate.server.node;

import org.jspecify.annotations.NullMarked;
