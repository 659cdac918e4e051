package io.quorate.server.config;

/**
 * One thing that is wrong with a configuration.
 *
 * @param file as it was named
 * @param line from 1; 0 if it is about the file as a whole
 * @param subject the setting, or what else it is about
 * @param expected what would have been right, to follow the word "expected"
 * @param found what was there instead, to follow the word "found"; never a secret
 */
public record ConfigProblem(String file, int line, String subject, String expected, String found) {

  /** {@code quorate.conf:12: client.port: expected a port from 0 to 65535, found "x"}. */
  @Override
  public String toString() {
    return file
        + (line == 0 ? "" : ":" + line)
        + ": "
        + subject
        + ": expected "
        + expected
        + ", found "
        + found;
  }
}
