package io.quorate.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The allow-list of {@code docs/arrows.txt}: which package may refer to which. */
final class Arrows {
  private static final String ROOT = "io.quorate";
  private static final String SERVER = ROOT + ".server";
  private static final Set<String> TOP =
      Set.of("data", "protocol", "client", "recipes", "samples", "server");

  /** What puts the rest together: outside the order that the other rows must form. */
  private static final Set<String> UNORDERED = Set.of("server", "embedded", "cli");

  private final Map<String, List<String>> rows;

  private Arrows(Map<String, List<String>> rows) {
    this.rows = rows;
  }

  static Arrows read(Path file) throws IOException {
    return parse(Files.readAllLines(file));
  }

  static Arrows parse(List<String> lines) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("arrows.txt:" + (i + 1) + ": no colon in: " + line);
      }
      String from = line.substring(0, colon).strip();
      String to = line.substring(colon + 1).strip();
      if (rows.put(from, to.isEmpty() ? List.of() : List.of(to.split("\\s+"))) != null) {
        throw new IllegalArgumentException("arrows.txt:" + (i + 1) + ": a second row for " + from);
      }
    }
    return new Arrows(rows);
  }

  /** The short name that arrows.txt uses for a package of ours. */
  static String shortName(String packageName) {
    if (packageName.equals(SERVER)) {
      return "server";
    }
    if (packageName.startsWith(SERVER + ".")) {
      String name = packageName.substring(SERVER.length() + 1);
      if (TOP.contains(name.replaceFirst("\\..*", ""))) {
        throw new IllegalArgumentException(
            packageName + " has the short name of another package; choose another name");
      }
      return name;
    }
    return packageName.substring(ROOT.length() + 1);
  }

  static boolean isOurs(String packageName) {
    return packageName.startsWith(ROOT + ".");
  }

  /** Whether there is a row for the package. */
  boolean lists(String packageName) {
    return row(shortName(packageName)).isPresent();
  }

  boolean allows(String fromPackage, String toPackage) {
    String to = shortName(toPackage);
    return row(shortName(fromPackage)).orElse(List.of()).stream()
        .anyMatch(pattern -> matches(pattern, to));
  }

  /** A cycle among the rows, or nothing; a row that may import everything is left out. */
  Optional<List<String>> cycle() {
    Set<String> done = new LinkedHashSet<>();
    for (String start : rows.keySet()) {
      Optional<List<String>> found = walk(start, new ArrayList<>(), done);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<List<String>> walk(String at, List<String> path, Set<String> done) {
    int seen = path.indexOf(at);
    if (seen >= 0) {
      List<String> cycle = new ArrayList<>(path.subList(seen, path.size()));
      cycle.add(at);
      return Optional.of(cycle);
    }
    if (UNORDERED.contains(at) || !done.add(at)) {
      return Optional.empty();
    }
    path.add(at);
    for (String to : rows.getOrDefault(at, List.of())) {
      // `samples.* : samples.*` allows arrows among siblings; A1 finds a real cycle there.
      if (to.equals(at) || at.startsWith("samples")) {
        continue;
      }
      for (String row : rows.keySet()) {
        if (row.equals(to) || (!row.equals(at) && matches(to, row))) {
          Optional<List<String>> found = walk(row, path, done);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    path.remove(path.size() - 1);
    return Optional.empty();
  }

  private Optional<List<String>> row(String name) {
    List<String> exact = rows.get(name);
    if (exact != null) {
      return Optional.of(exact);
    }
    return rows.entrySet().stream()
        .filter(row -> row.getKey().endsWith(".*") && matches(row.getKey(), name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static boolean matches(String pattern, String name) {
    if (pattern.equals("*")) {
      return true;
    }
    return pattern.endsWith(".*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }
}
