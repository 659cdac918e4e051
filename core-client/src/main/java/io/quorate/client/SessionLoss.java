package io.quorate.client;

/**
 * A session is over for this client.
 *
 * @param sessionId of the session lost
 * @param reason for people
 */
public record SessionLoss(long sessionId, String reason) {}
