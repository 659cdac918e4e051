/**
 * What the log means: commands are validated and applied once, at apply, by the same deterministic
 * function on every replica.
 *
 * <p>Pure and total: apply never throws for any decoded command; a refused command is answered with
 * its error. No clock, locale, random source or iteration over hash order. Confined to the node
 * thread, except for views, which are immutable.
 *
 * <p>Starting points: {@link io.quorate.server.statemachine.Command}, then {@code StateMachine}.
 */
@NullMarked
package io.quorate.server.statemachine;

import org.jspecify.annotations.NullMarked;
