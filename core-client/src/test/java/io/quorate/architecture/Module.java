package io.quorate.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the module under test keeps its sources and classes. */
record Module(Path directory) {

  /** The module that the running test belongs to: Surefire names it, an IDE starts in it. */
  static Module current() {
    return new Module(Path.of(System.getProperty("basedir", ".")).toAbsolutePath().normalize());
  }

  JavaClasses mainClasses() {
    return classes("classes");
  }

  JavaClasses testClasses() {
    return classes("test-classes");
  }

  private JavaClasses classes(String name) {
    Path path = directory.resolve("target").resolve(name);
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
