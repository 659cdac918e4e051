/**
 * What a server counts and times, as Micrometer meters. The classes here stand at the seams that
 * the parts of a server have anyway ({@link io.quorate.server.node.NodeObserver}, {@link
 * io.quorate.server.storage.Storage}), so that these know nothing of meters.
 *
 * <p>Every meter has the tag {@code server}, the id, because a test may run several servers over
 * one registry. {@code docs/operations/metrics.md} is generated from what is registered, so each
 * meter has a description.
 *
 * <p>Starting points: {@link io.quorate.server.metrics.NodeMeters}, {@link
 * io.quorate.server.metrics.MeteredStorage}.
 */
@NullMarked
package io.quorate.server.metrics;

import org.jspecify.annotations.NullMarked;
