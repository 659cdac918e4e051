/**
 * Servers as processes of their own, killed while clients write: the promises, seen from outside.
 *
 * <p>Starting point: {@link io.quorate.server.process.KillRounds}.
 */
@NullMarked
package io.quorate.server.process;

import org.jspecify.annotations.NullMarked;
