package io.quorate.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what {@code docs/api.md} shows can be typed as it stands there. Method: each of its Java
 * blocks is compiled as the body of a method, beside the helpers that a reader would have.
 */
class ApiPageTest {
  private static final Path PAGE = Path.of("..", "docs", "api.md");

  private static final String IMPORTS =
      """
      import io.micrometer.core.instrument.MeterRegistry;
      import io.quorate.client.*;
      import io.quorate.data.*;
      import io.quorate.recipes.*;
      import io.quorate.recipes.base.*;
      %s
      import java.time.Duration;
      import java.util.*;
      import java.util.concurrent.*;
      """;

  /** What the blocks leave out, one line each: the reader's own code. */
  private static final String HELPERS =
      """
      // ---- client
      static MeterRegistry registry;
      static QuorateClient client;
      static Recipes recipes;
      static void show(Object... anything) {}
      // ---- locks
      interface Work { void cancel(); }
      interface Db { int update(String sql, Object... arguments); }
      static Work work;
      static Db db;
      static byte[] v;
      static void callPartner() {}
      static void readCatalog() {}
      static void train(int permits) {}
      static CompletableFuture<String> charge(long token) { return null; }
      static int compute() { return 1; }
      // ---- leader
      interface Jobs { void start(long token); void stop(); }
      static Jobs jobs;
      static Executor executor;
      static void report(io.quorate.recipes.leader.Term term) {}
      // ---- config
      record Limits(int max) {
        static final Limits DEFAULT = new Limits(10);
        void check() {}
        Limits withMax(int changed) { return new Limits(changed); }
      }
      static void resize(int max) {}
      static void alarm(ConfigProblem problem, Duration age) {}
      record DbSettings(String url, String user) {}
      record Customer(String name) {}
      // ---- queue
      record Mail(String to) {}
      static Mail mail;
      static List<Mail> mails;
      static void send(Mail value, int attempt, long token) {}
      // ---- discovery
      static void http(java.net.URI uri) {}
      """;

  @TempDir private Path classes;

  @TestFactory
  Stream<DynamicTest> everyBlock_compiles() throws IOException {
    List<Block> blocks = blocks(Files.readString(PAGE));
    assertThat(blocks).hasSizeGreaterThan(1);
    return blocks.stream()
        .map(
            block ->
                DynamicTest.dynamicTest(
                    block.heading(), () -> assertThat(problems(block.code())).isEmpty()));
  }

  @Test
  void blockThatDoesNotCompile_isFound() throws IOException {
    assertThat(problems("recipes.lock(\"/a\").acquire(5);")).hasSize(1);
    assertThat(problems("recipes.noSuchRecipe();")).hasSize(1);
  }

  private record Block(String heading, String code) {}

  private static List<Block> blocks(String page) {
    List<Block> blocks = new ArrayList<>();
    String heading = "";
    StringBuilder code = null;
    for (String line : page.lines().toList()) {
      if (code == null && line.startsWith("## ")) {
        heading = line.substring(3);
      } else if (code == null && line.equals("```java")) {
        code = new StringBuilder();
      } else if (code != null && line.equals("```")) {
        blocks.add(new Block(heading, code.toString()));
        code = null;
      } else if (code != null) {
        code.append(line).append('\n');
      }
    }
    assertThat(code).as("a block that never ends").isNull();
    return blocks;
  }

  private List<String> problems(String code) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    assertThat(compiler).as("a JDK, not a JRE").isNotNull();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of("-proc:none", "-d", classes.toString(), "-classpath", classpath());
    StringWriter otherOutput = new StringWriter();
    boolean compiled =
        compiler
            .getTask(otherOutput, null, found, options, null, List.of(new Source(program(code))))
            .call();
    List<String> problems = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> each : found.getDiagnostics()) {
      if (each.getKind() == Diagnostic.Kind.ERROR) {
        problems.add(each.getMessage(Locale.ROOT) + " in: " + lineOf(each));
      }
    }
    assertThat(problems.isEmpty()).as(otherOutput.toString()).isEqualTo(compiled);
    return problems;
  }

  private static String lineOf(Diagnostic<? extends JavaFileObject> problem) {
    try {
      List<String> lines = problem.getSource().getCharContent(true).toString().lines().toList();
      return lines.get((int) problem.getLineNumber() - 1).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String program(String code) throws IOException {
    return IMPORTS.formatted(recipePackages())
        + "final class ApiPage {\n"
        + HELPERS
        + "static void block() throws Exception {\n"
        + code
        + "}\n}\n";
  }

  /** An import for each recipe that there is. */
  private static String recipePackages() throws IOException {
    Path recipes = Path.of("src/main/java/io/quorate/recipes");
    try (Stream<Path> entries = Files.list(recipes)) {
      return entries
          .filter(Files::isDirectory)
          .filter(ApiPageTest::hasClasses)
          .map(directory -> directory.getFileName().toString())
          .filter(name -> !name.equals("base"))
          .sorted()
          .map(name -> "import io.quorate.recipes." + name + ".*;\n")
          .reduce("", String::concat);
    }
  }

  private static boolean hasClasses(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> !file.endsWith("package-info.java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String classpath() {
    String real = System.getProperty("surefire.test.class.path");
    return real == null ? System.getProperty("java.class.path") : real;
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String text) {
      super(URI.create("string:///ApiPage.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
