/**
 * Watches: who hears of which change.
 *
 * <p>Pure. Confined to the node thread. Nothing here is replicated: each server holds the watches
 * of its own connections.
 *
 * <p>Starting point: {@link io.quorate.server.watch.WatchRegistry}.
 */
@NullMarked
package io.quorate.server.watch;

import org.jspecify.annotations.NullMarked;
