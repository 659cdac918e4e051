package io.quorate.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the module under test keeps its sources and classes.
 *
 * @param directory the one with the module's pom.xml
 * @param output where its classes and test classes are
 */
record Module(Path directory, Path output) {

  /** The module that a test class was compiled in. */
  static Module of(Class<?> test) {
    Path output = classPathEntry(test).getParent();
    for (Path at = output; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("pom.xml"))) {
        return new Module(at, output);
      }
    }
    throw new IllegalStateException("no pom.xml above " + output);
  }

  private static Path classPathEntry(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  JavaClasses mainClasses() {
    return classes("classes");
  }

  JavaClasses testClasses() {
    return classes("test-classes");
  }

  private JavaClasses classes(String name) {
    Path path = output.resolve(name);
    return new ClassFileImporter().importPaths(Files.isDirectory(path) ? List.of(path) : List.of());
  }

  Path mainSources() {
    return directory.resolve("src/main/java");
  }

  /** All files of the main sources with that ending; none if the module has no sources yet. */
  List<Path> mainSources(String ending) {
    if (!Files.isDirectory(mainSources())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(mainSources())) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Classes whose source is in {@code src/main/java}: what the protobuf compiler wrote is not. */
  DescribedPredicate<JavaClass> handwritten() {
    return DescribedPredicate.describe(
        "are written by hand",
        type ->
            type.getSource()
                .flatMap(Source::getFileName)
                .map(
                    file ->
                        mainSources()
                            .resolve(type.getPackageName().replace('.', '/'))
                            .resolve(file))
                .filter(Files::exists)
                .isPresent());
  }

  /** A file of the repository, looked for from the module's directory upwards. */
  Path repositoryFile(String name) {
    for (Path at = directory; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(name))) {
        return at.resolve(name);
      }
    }
    throw new IllegalStateException("no " + name + " above " + directory);
  }
}
