package io.quorate.recipes.config;

import io.quorate.data.Zxid;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no newer good value. The last good one stays.
 *
 * @param path of the znode concerned
 * @param mzxid of the data found to be bad; 0 if there is none
 * @param reason what was expected and what was found
 * @param cause what reading or checking failed with, if it did
 */
public record ConfigProblem(
    Kind kind, String path, long mzxid, String reason, @Nullable Throwable cause) {

  /** What is wrong. */
  public enum Kind {
    /** The znode does not exist. */
    ABSENT,
    /** The bytes are no such value. */
    CORRUPT,
    /** The value was refused by the check given to the builder. */
    INVALID,
    /** The ensemble refuses the read, for want of permission for instance; it is tried again. */
    UNREADABLE
  }

  @Override
  public String toString() {
    return kind + " " + path + (mzxid == 0 ? "" : " at " + Zxid.format(mzxid)) + ": " + reason;
  }
}
