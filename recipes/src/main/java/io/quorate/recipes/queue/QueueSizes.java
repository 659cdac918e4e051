package io.quorate.recipes.queue;

/**
 * How many items a queue has, counted one after the other and not at one instant.
 *
 * @param ready waiting to be taken
 * @param inFlight taken and not acknowledged
 * @param delayed hidden until they are due, after a failed attempt or because they were put so
 * @param dead given up
 */
public record QueueSizes(long ready, long inFlight, long delayed, long dead) {}
