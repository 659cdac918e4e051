package io.quorate.server.session;

/**
 * Limits of the session table. They decide outcomes at apply, so every replica must have the same:
 * {@link #STANDARD} belongs to the state machine version, other values are for tests.
 *
 * @param sessionsMax open sessions
 * @param storedAnswersMax answers that one session may leave unconfirmed, which is how many writes
 *     it may have in flight
 * @param storedAnswerBytesMax a session with so many bytes of answers unconfirmed is refused
 *     further writes; the answer that crosses the line is still kept
 * @param storedAnswerBytesTotalMax for all sessions together. One session may keep an eighth of
 *     what is free of it, so that some sessions that confirm nothing leave room for the others, and
 *     a fair share in any case; see {@link SessionTable#admit}
 * @param ephemeralsMax ephemeral znodes of one session; bounds the work of its end
 */
public record SessionLimits(
    int sessionsMax,
    int storedAnswersMax,
    long storedAnswerBytesMax,
    long storedAnswerBytesTotalMax,
    int ephemeralsMax) {
  public static final SessionLimits STANDARD =
      new SessionLimits(1_000_000, 1024, 8L * 1024 * 1024, 256L * 1024 * 1024, 10_000);

  /** Length of a client's name in UTF-16 code units. */
  public static final int CLIENT_NAME_CHARS_MAX = 1024;

  /** A week; far above what the edge grants, and far below what overflows as nanoseconds. */
  public static final long TIMEOUT_MILLIS_MAX = 7L * 24 * 3600 * 1000;

  /** Length of a hash of a secret in bytes. */
  public static final int SECRET_HASH_BYTES = 32;
}
