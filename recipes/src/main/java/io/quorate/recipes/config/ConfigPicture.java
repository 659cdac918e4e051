package io.quorate.recipes.config;

import io.quorate.data.Zxid;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All keys of a {@link ConfigTree} as they were together at one zxid. Immutable.
 *
 * @param zxid at which every value was as said; nothing of a later change is in it
 * @param values text by key, in the order of the keys, such as {@code db/url}
 */
public record ConfigPicture(long zxid, SortedMap<String, String> values) {
  public ConfigPicture {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  public Optional<String> value(String key) {
    return Optional.ofNullable(values.get(key));
  }

  /** The same with dots for slashes: {@code db.url}. */
  public Properties properties() {
    Properties properties = new Properties();
    for (Map.Entry<String, String> entry : values.entrySet()) {
      properties.setProperty(entry.getKey().replace('/', '.'), entry.getValue());
    }
    return properties;
  }

  /**
   * A record, by the names of its components: {@code url} of a component {@code db} that is a
   * record is the key {@code db/url}. Components are of type String, int, long, boolean, double,
   * Duration ({@code PT1.5S}, {@code 250ms}, {@code 10s}, {@code 5m}, {@code 2h}, {@code 1d}), an
   * enum, {@code List<String>} (separated by commas), a record, or an Optional of those.
   *
   * @throws ConfigBindException if a key is missing or its text is none of that type
   */
  public <R extends Record> R bind(Class<R> type) {
    return RecordBinding.bind(type, values);
  }

  @Override
  public String toString() {
    return "ConfigPicture(" + values.size() + " keys at " + Zxid.format(zxid) + ")";
  }
}
