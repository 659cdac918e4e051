/**
 * The work queue: items that are taken, worked on, and acknowledged; at least once.
 *
 * <p>Start at {@link io.quorate.recipes.queue.WorkQueue}. Inside, {@code QueueCore} is what the
 * parts of a handle share; {@code Appender} puts, {@code ReadyReader} and {@code Dispatcher} take,
 * {@code Keeper} brings back what was abandoned or is due, {@code LinePlace} is a place in a line
 * of clients. All of them are confined to the handle's serial executor, the lane; code of the user
 * runs elsewhere.
 */
@NullMarked
package io.quorate.recipes.queue;

import org.jspecify.annotations.NullMarked;
