/**
 * Which watches a client has, and what each of them is told.
 *
 * <p>Pure. Confined, with the session machine that uses it, to the client's I/O thread.
 *
 * <p>Starting point: {@link io.quorate.client.watch.WatchTable}.
 */
@NullMarked
package io.quorate.client.watch;

import org.jspecify.annotations.NullMarked;
