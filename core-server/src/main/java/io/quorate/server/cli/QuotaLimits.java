package io.quorate.server.cli;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The limits of a subtree in ZooKeeper's text form, {@code
 * count=5,bytes=-1=;byteHardLimit=100;countHardLimit=7}; -1 for none. The soft ones ({@code count},
 * {@code bytes}) are kept for ZooKeeper's tools and refuse nothing.
 */
record QuotaLimits(long count, long bytes, long countHard, long bytesHard) {
  static final String ROOT = "/zookeeper/quota";
  static final String LIMITS = "zookeeper_limits";
  static final String STATS = "zookeeper_stats";
  static final long NONE = -1;

  /** Where the quota of a subtree is. */
  static String pathOf(String subtree) {
    return subtree.equals("/") ? ROOT : ROOT + subtree;
  }

  /** Fields that are missing or no numbers count as none. */
  static QuotaLimits parse(byte @Nullable [] data) {
    Map<String, Long> fields = new TreeMap<>();
    String text = data == null ? "" : new String(data, StandardCharsets.US_ASCII);
    for (String field : text.split("[,;]+")) {
      String[] parts = field.split("=");
      if (parts.length >= 2 && parts[1].matches("-?[0-9]{1,18}")) {
        fields.put(parts[0], Long.parseLong(parts[1]));
      }
    }
    return new QuotaLimits(
        fields.getOrDefault("count", NONE),
        fields.getOrDefault("bytes", NONE),
        fields.getOrDefault("countHardLimit", NONE),
        fields.getOrDefault("byteHardLimit", NONE));
  }

  byte[] encode() {
    StringBuilder text = new StringBuilder("count=" + count + ",bytes=" + bytes);
    if (countHard != NONE || bytesHard != NONE) {
      // The = before the first ; makes old parsers stop there.
      text.append('=');
      if (bytesHard != NONE) {
        text.append(";byteHardLimit=").append(bytesHard);
      }
      if (countHard != NONE) {
        text.append(";countHardLimit=").append(countHard);
      }
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
