package io.quorate.recipes.base;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/**
 * Values as JSON. Fields that the class does not know are skipped, so that older readers understand
 * newer writers; the bytes never name a class (an invitation to instantiate whatever they say).
 */
public final class Json {
  private Json() {}

  /** For records, beans and collections of such; absent fields become null or zero. */
  public static <T> Codec<T> of(Class<T> type) {
    ObjectMapper mapper =
        JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .findAndAddModules()
            .build();
    return Codec.of(
        "JSON of " + type.getSimpleName(),
        mapper::writeValueAsBytes,
        bytes -> read(mapper, bytes, type));
  }

  private static <T> T read(ObjectMapper mapper, byte[] bytes, Class<T> type) throws IOException {
    T value = mapper.readValue(bytes, type);
    if (value == null) {
      throw new IllegalArgumentException("the value is null");
    }
    return value;
  }
}
