/**
 * Small foundations of the server: invariants, the chain hash, ports for time and randomness, the
 * handler of the impossible.
 *
 * <p>Pure. Depends on nothing of Quorate.
 */
@NullMarked
package io.quorate.server.base;

import org.jspecify.annotations.NullMarked;
