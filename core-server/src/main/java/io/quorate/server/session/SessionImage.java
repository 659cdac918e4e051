package io.quorate.server.session;

import java.util.List;

/**
 * All that the table holds of one session, for snapshots.
 *
 * @param answers of numbers {@code confirmedUpTo + 1} to {@code lastNumber}, in order, as {@link
 *     AnswerFormat} bytes; not to be changed
 */
public record SessionImage(
    long id,
    long timeoutMillis,
    byte[] secretHash,
    String clientName,
    long attachZxid,
    long lastNumber,
    long confirmedUpTo,
    List<byte[]> answers) {
  public SessionImage {
    answers = List.copyOf(answers);
  }
}
