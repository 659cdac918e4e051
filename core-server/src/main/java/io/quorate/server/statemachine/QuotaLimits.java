package io.quorate.server.statemachine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one subtree, its root included. {@link #NONE} is no limit.
 *
 * @param count of znodes; more is only warned of
 * @param bytes of data; more is only warned of
 * @param countHard of znodes; more is refused
 * @param bytesHard of data; more is refused
 */
record QuotaLimits(long count, long bytes, long countHard, long bytesHard) {
  static final long NONE = -1;
  private static final QuotaLimits UNLIMITED = new QuotaLimits(NONE, NONE, NONE, NONE);

  /**
   * From ZooKeeper's text, {@code count=5,bytes=100=;byteHardLimit=200;countHardLimit=10}: pairs in
   * any order, of which those that are not understood are passed over, as are numbers below 0.
   */
  static QuotaLimits parse(byte @Nullable [] text) {
    QuotaLimits limits = UNLIMITED;
    if (text == null) {
      return limits;
    }
    for (String pair : new String(text, US_ASCII).split("[,;]")) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        continue;
      }
      int end = pair.indexOf('=', equals + 1);
      long value = number(pair.substring(equals + 1, end < 0 ? pair.length() : end));
      limits =
          switch (pair.substring(0, equals)) {
            case "count" ->
                new QuotaLimits(value, limits.bytes, limits.countHard, limits.bytesHard);
            case "bytes" ->
                new QuotaLimits(limits.count, value, limits.countHard, limits.bytesHard);
            case "countHardLimit" ->
                new QuotaLimits(limits.count, limits.bytes, value, limits.bytesHard);
            case "byteHardLimit" ->
                new QuotaLimits(limits.count, limits.bytes, limits.countHard, value);
            default -> limits;
          };
    }
    return limits;
  }

  /** What is shown of a subtree, as ZooKeeper writes it. */
  static byte[] stats(long count, long bytes) {
    return String.format(Locale.ROOT, "count=%d,bytes=%d", count, bytes).getBytes(US_ASCII);
  }

  /** Up to 18 digits; everything else is no limit. */
  private static long number(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return NONE;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return NONE;
      }
    }
    return Long.parseLong(text);
  }
}
