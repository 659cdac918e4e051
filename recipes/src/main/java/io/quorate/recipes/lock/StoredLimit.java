package io.quorate.recipes.lock;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What the znode of a semaphore stores: {@code "limit"} or {@code "limit highest"}, in decimal.
 *
 * @param limit how many permits may be out from now on
 * @param highest the largest limit there ever was: nobody further back in the queue holds permits
 */
record StoredLimit(int limit, int highest) {
  static StoredLimit of(int limit) {
    return new StoredLimit(limit, limit);
  }

  /** What {@code data} says, or null if it is no limit. */
  static @Nullable StoredLimit parse(byte @Nullable [] data) {
    String text = data == null ? "" : new String(data, StandardCharsets.UTF_8);
    int space = text.indexOf(' ');
    try {
      int limit = Integer.parseInt(space < 0 ? text : text.substring(0, space));
      int highest = space < 0 ? limit : Integer.parseInt(text.substring(space + 1));
      return limit < 1 || highest < limit ? null : new StoredLimit(limit, highest);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  StoredLimit changedTo(int another) {
    return new StoredLimit(another, Math.max(highest, another));
  }

  byte[] bytes() {
    String text = limit == highest ? String.valueOf(limit) : limit + " " + highest;
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
