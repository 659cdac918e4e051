package io.quorate.server.sim;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** How often each {@link Mark} was reached. */
final class Marks {
  private final EnumMap<Mark, Long> counts = new EnumMap<>(Mark.class);

  void hit(Mark mark) {
    counts.merge(mark, 1L, Long::sum);
  }

  void add(Marks other) {
    for (Map.Entry<Mark, Long> entry : other.counts.entrySet()) {
      counts.merge(entry.getKey(), entry.getValue(), Long::sum);
    }
  }

  long count(Mark mark) {
    return counts.getOrDefault(mark, 0L);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Mark mark : Mark.values()) {
      text.append(text.length() == 0 ? "" : " ")
          .append(mark.name().toLowerCase(Locale.ROOT))
          .append('=')
          .append(count(mark));
    }
    return text.toString();
  }
}
