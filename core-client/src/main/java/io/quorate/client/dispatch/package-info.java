/**
 * Runs callbacks: one at a time, in order, away from the I/O thread.
 *
 * <p>Starting point: {@link io.quorate.client.dispatch.CallbackDispatcher}.
 */
@NullMarked
package io.quorate.client.dispatch;

import org.jspecify.annotations.NullMarked;
