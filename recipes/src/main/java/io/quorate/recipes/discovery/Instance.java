package io.quorate.recipes.discovery;

import io.quorate.data.ZnodePath;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One instance of a service: where it is, and what it says of itself. Immutable; the methods that
 * take a value give a changed copy.
 *
 * @param id names it within its service; a name of a znode
 * @param host name or address, without brackets
 * @param port 0 to 65535
 * @param scheme of {@link #uri}
 * @param zone where it runs; empty if nobody said
 * @param weight share of the work, against the weights of the others; 0 for work only if nobody
 *     else is there
 * @param draining wants no new work: is shown, and not picked
 * @param attributes what else there is to know, in order of the names
 */
public record Instance(
    String id,
    String host,
    int port,
    String scheme,
    String zone,
    int weight,
    Health health,
    boolean draining,
    Map<String, String> attributes) {

  /** Longest id, in UTF-16 code units. */
  static final int ID_CHARS_MAX = 255;

  /** Largest weight. */
  public static final int WEIGHT_MAX = 1_000_000;

  private static final int PORT_MAX = 65_535;

  public Instance {
    requireName("id of an instance", id);
    if (host.isBlank()) {
      throw new IllegalArgumentException("expected a host, found '" + host + "'");
    }
    if (port < 0 || port > PORT_MAX) {
      throw new IllegalArgumentException("expected a port in [0, 65535], found " + port);
    }
    if (scheme.isBlank()) {
      throw new IllegalArgumentException("expected a scheme, found '" + scheme + "'");
    }
    Objects.requireNonNull(zone, "zone");
    if (weight < 0 || weight > WEIGHT_MAX) {
      throw new IllegalArgumentException(
          "expected a weight in [0, " + WEIGHT_MAX + "], found " + weight);
    }
    Objects.requireNonNull(health, "health");
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /**
   * An instance at that address, of weight 1 and {@link Health#UP}. Its id is {@code host:port}: a
   * process that is started again at the same address follows itself.
   */
  public static Instance at(String host, int port) {
    return new Instance(host + ":" + port, host, port, "http", "", 1, Health.UP, false, Map.of());
  }

  public Instance id(String newId) {
    return new Instance(newId, host, port, scheme, zone, weight, health, draining, attributes);
  }

  public Instance scheme(String newScheme) {
    return new Instance(id, host, port, newScheme, zone, weight, health, draining, attributes);
  }

  public Instance zone(String newZone) {
    return new Instance(id, host, port, scheme, newZone, weight, health, draining, attributes);
  }

  public Instance weight(int newWeight) {
    return new Instance(id, host, port, scheme, zone, newWeight, health, draining, attributes);
  }

  public Instance health(Health newHealth) {
    return new Instance(id, host, port, scheme, zone, weight, newHealth, draining, attributes);
  }

  public Instance draining(boolean drains) {
    return new Instance(id, host, port, scheme, zone, weight, health, drains, attributes);
  }

  /** With one attribute more, or another value of it. */
  public Instance with(String name, String value) {
    TreeMap<String, String> all = new TreeMap<>(attributes);
    all.put(name, value);
    return new Instance(id, host, port, scheme, zone, weight, health, draining, all);
  }

  /** Whether it takes work: neither draining nor {@link Health#DOWN}. */
  public boolean isAvailable() {
    return !draining && health != Health.DOWN;
  }

  /** {@code scheme://host:port}. */
  public URI uri() {
    try {
      return new URI(scheme, null, host, port, null, null, null);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("instance " + id + " has no URI: " + e.getMessage(), e);
    }
  }

  /** Refuses what can't be the name of a znode; returns it. */
  static String requireName(String what, String name) {
    String problem =
        name.isEmpty()
            ? "it is empty"
            : name.indexOf('/') >= 0
                ? "it contains a /"
                : name.length() > ID_CHARS_MAX
                    ? "it has " + name.length() + " characters, at most " + ID_CHARS_MAX
                    : ZnodePath.problemWith("/" + name);
    if (problem != null) {
      throw new IllegalArgumentException(what + ": " + problem + ": '" + name + "'");
    }
    return name;
  }
}
