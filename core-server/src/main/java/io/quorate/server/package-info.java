/**
 * The composition root: builds a server out of its parts, from the disk up to the ports, and takes
 * it down in reverse. The only package, besides {@code cli} and {@code embedded}, that names
 * implementations.
 *
 * <p>Starting point: {@link io.quorate.server.QuorateServer}.
 */
@NullMarked
package io.quorate.server;

import org.jspecify.annotations.NullMarked;
