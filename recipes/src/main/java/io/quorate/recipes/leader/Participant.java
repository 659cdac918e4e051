package io.quorate.recipes.leader;

/**
 * Somebody who leads or waits to.
 *
 * @param id as given; not necessarily unique
 * @param epoch fencing token of its term, if it leads; the one that it will have, if it is elected
 * @param sessionId session whose end takes it out
 * @param leads whether it is first
 */
public record Participant(String id, long epoch, long sessionId, boolean leads) {}
