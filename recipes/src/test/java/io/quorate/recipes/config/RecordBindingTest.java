package io.quorate.recipes.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: records are made of keys by the names of their components, or an error says which not. */
class RecordBindingTest {
  enum Mode {
    FAST,
    SAFE
  }

  record Db(String url, Optional<String> user) {}

  record App(
      String name,
      int threads,
      long bytes,
      boolean on,
      double ratio,
      Duration timeout,
      Mode mode,
      List<String> hosts,
      Db db,
      Optional<Db> spare) {}

  record Positive(int n) {
    Positive {
      if (n <= 0) {
        throw new IllegalArgumentException("n is above 0, found " + n);
      }
    }
  }

  private static final Map<String, String> GOOD =
      Map.of(
          "name", "shop",
          "threads", "4",
          "bytes", "5000000000",
          "on", "true",
          "ratio", "0.5",
          "timeout", "250ms",
          "mode", "SAFE",
          "hosts", "a, b,c",
          "db/url", "jdbc:x");

  private static <R extends Record> R bind(Class<R> type, Map<String, String> values) {
    return new ConfigPicture(1, new TreeMap<>(values)).bind(type);
  }

  @Test
  void everyType_isBound() {
    assertThat(bind(App.class, GOOD))
        .isEqualTo(
            new App(
                "shop",
                4,
                5_000_000_000L,
                true,
                0.5,
                Duration.ofMillis(250),
                Mode.SAFE,
                List.of("a", "b", "c"),
                new Db("jdbc:x", Optional.empty()),
                Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "threads,four,int",
    "threads,5000000000,int",
    "bytes,1.5,long",
    "on,yes,boolean",
    "ratio,half,double",
    "timeout,soon,Duration",
    "mode,safe,'one of [FAST, SAFE]'",
  })
  void wrongText_namesKeyExpectedAndFound(String key, String text, String expected) {
    Map<String, String> values = new TreeMap<>(GOOD);
    values.put(key, text);

    assertThatThrownBy(() -> bind(App.class, values))
        .isInstanceOfSatisfying(
            ConfigBindException.class,
            e -> {
              assertThat(e.key()).isEqualTo(key);
              assertThat(e.expected()).isEqualTo(expected);
              assertThat(e.found()).isEqualTo("'" + text + "'");
            });
  }

  @Test
  void missingKey_isNamedWithItsFolder() {
    Map<String, String> values = new TreeMap<>(GOOD);
    values.remove("db/url");

    assertThatThrownBy(() -> bind(App.class, values))
        .isInstanceOf(ConfigBindException.class)
        .hasMessage("config key 'db/url': expected String, found no such key");
  }

  @ParameterizedTest
  @CsvSource({"PT1.5S,1500", "10s,10000", "5m,300000", "2h,7200000", "1d,86400000"})
  void durations_areReadInBothForms(String text, long millis) {
    Map<String, String> values = new TreeMap<>(GOOD);
    values.put("timeout", text);
    assertThat(bind(App.class, values).timeout()).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void recordThatRefuses_isToldAsItsReason() {
    assertThatThrownBy(() -> bind(Positive.class, Map.of("n", "-1")))
        .isInstanceOf(ConfigBindException.class)
        .hasMessageContaining("n is above 0, found -1");
  }
}
