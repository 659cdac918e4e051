package io.quorate.server.session;

import io.quorate.data.OpResult;

/**
 * The first answer to a numbered write, kept until the client confirms it.
 *
 * @param zxid of the entry that gave it
 */
public record StoredAnswer(long zxid, OpResult result) {}
