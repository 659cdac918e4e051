/**
 * Ports between a node and its peers. Interfaces only; implemented by {@code transport.peer} and by
 * the simulated network.
 */
@NullMarked
package io.quorate.server.peer;

import org.jspecify.annotations.NullMarked;
