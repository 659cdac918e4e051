package io.quorate.recipes.discovery;

import io.quorate.recipes.base.Codec;
import io.quorate.recipes.base.CodecException;
import io.quorate.recipes.base.Json;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the znode of an instance holds, as JSON. Only {@code host} must be there; a field that is
 * absent has its default, one that is not known is skipped. The id is the name of the znode.
 *
 * @param health name of a {@link Health}; one that is not known counts as {@link Health#DEGRADED},
 *     so that an older reader prefers those that it understands
 * @param registration made up by the {@link Registration} that wrote it, and so proof that it did
 */
record InstancePayload(
    @Nullable String host,
    @Nullable Integer port,
    @Nullable String scheme,
    @Nullable String zone,
    @Nullable Integer weight,
    @Nullable String health,
    @Nullable Boolean draining,
    @Nullable Map<String, String> attributes,
    @Nullable String registration) {

  /** Largest payload, bytes: thousands of them are read at once. */
  static final int BYTES_MAX = 64 << 10;

  private static final Codec<InstancePayload> JSON = Json.of(InstancePayload.class);

  /**
   * @throws IllegalArgumentException beyond {@link #BYTES_MAX}
   */
  static byte[] encode(Instance instance, String registration) {
    byte[] bytes =
        JSON.encode(
            new InstancePayload(
                instance.host(),
                instance.port(),
                instance.scheme(),
                instance.zone(),
                instance.weight(),
                instance.health().name(),
                instance.draining(),
                instance.attributes(),
                registration));
    if (bytes.length > BYTES_MAX) {
      throw new IllegalArgumentException(
          "expected an instance of at most %d bytes of JSON, found %d: %s"
              .formatted(BYTES_MAX, bytes.length, instance.id()));
    }
    return bytes;
  }

  /**
   * @throws CodecException if these bytes are no instance
   */
  static Instance decode(String id, byte @Nullable [] bytes) {
    return Codec.<Instance>of(
            "an instance", instance -> new byte[0], data -> JSON.decode(data).instance(id))
        .decode(bytes == null ? new byte[0] : bytes);
  }

  /** Whether {@code registration} wrote these bytes. */
  static boolean isOf(String registration, byte @Nullable [] bytes) {
    if (bytes == null) {
      return false;
    }
    try {
      return registration.equals(JSON.decode(bytes).registration());
    } catch (CodecException e) {
      // Somebody else's, then.
      return false;
    }
  }

  private Instance instance(String id) {
    if (host == null) {
      throw new IllegalArgumentException("host is missing");
    }
    TreeMap<String, String> known = new TreeMap<>();
    if (attributes != null) {
      attributes.forEach(
          (name, value) -> {
            if (value != null) {
              known.put(name, value);
            }
          });
    }
    return new Instance(
        id,
        host,
        port == null ? 0 : port,
        scheme == null ? "http" : scheme,
        zone == null ? "" : zone,
        weight == null ? 1 : weight,
        health(health),
        Boolean.TRUE.equals(draining),
        known);
  }

  private static Health health(@Nullable String name) {
    if (name == null) {
      return Health.UP;
    }
    for (Health each : Health.values()) {
      if (each.name().equals(name)) {
        return each;
      }
    }
    return Health.DEGRADED;
  }
}
