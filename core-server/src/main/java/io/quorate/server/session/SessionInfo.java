package io.quorate.server.session;

/**
 * An open session as of one zxid.
 *
 * @param id zxid of the entry that opened it
 * @param timeoutMillis as granted
 * @param secretHash SHA-256 of its secret; not to be changed
 * @param clientName who it is, for people
 * @param attachZxid zxid of the newest attach (at first, of the opening): commands that name
 *     another one are refused
 * @param lastNumber number of the newest write that was answered; 0 before the first
 * @param confirmedUpTo answers of numbers up to this one are forgotten
 * @param ephemerals how many ephemeral znodes it owns
 */
public record SessionInfo(
    long id,
    long timeoutMillis,
    byte[] secretHash,
    String clientName,
    long attachZxid,
    long lastNumber,
    long confirmedUpTo,
    int ephemerals) {}
