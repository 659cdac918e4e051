package io.quorate.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The architecture rules A1 to A12 and A14, and the arrows of {@code docs/arrows.txt}, for the main
 * classes of the module whose test extends this class.
 *
 * <p>A rule that finds nothing to look at passes: most packages come later than their rule.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ArchitectureContract {
  /** Same inputs, same outputs: they know no clock, thread, file, socket, logger or metric. */
  private static final String[] PURE = {
    "io.quorate.data",
    "io.quorate.protocol.message",
    "io.quorate.client.session",
    "io.quorate.client.watch",
    "io.quorate.server.base",
    "io.quorate.server.replication..",
    "io.quorate.server.access",
    "io.quorate.server.tree",
    "io.quorate.server.session",
    "io.quorate.server.statemachine",
    "io.quorate.server.watch",
    "io.quorate.server.divergence",
  };

  /** What puts the parts together. */
  private static final String[] COMPOSITION = {
    "io.quorate.server", "io.quorate.server.embedded..", "io.quorate.server.cli..",
  };

  private static final String[] PORTS = {"io.quorate.server.storage", "io.quorate.server.peer"};

  private static final String[] SOCKETS = {
    "io.quorate.server.transport..", "io.quorate.server.admin..", "io.quorate.client.connection..",
  };

  private static final String[] FILES =
      concat(COMPOSITION, "io.quorate.server.storage.file..", "io.quorate.server.config..");

  private static final String[] THREADS =
      concat(
          SOCKETS,
          "io.quorate.server.node..",
          "io.quorate.server.storage.file..",
          "io.quorate.server.embedded..",
          "io.quorate.server.cli..",
          "io.quorate.client.dispatch..",
          "io.quorate.samples..");

  private static final Pattern BROAD_CATCH =
      Pattern.compile("catch\\s*\\([^)]*\\b(Exception|Throwable|Error)\\s+\\w+\\)[^\\n]*");
  private static final Pattern ISSUE = Pattern.compile("#\\d+");

  private final Module module = Module.of(getClass());
  private final DescribedPredicate<JavaClass> handwritten = module.handwritten();
  private final JavaClasses main = module.mainClasses();

  // --- arrows ----------------------------------------------------------------------------------

  @Test
  public void arrowsAreListed() throws IOException {
    Arrows arrows = Arrows.read(module.repositoryFile("docs/arrows.txt"));
    Set<String> violations = new TreeSet<>();
    for (JavaClass type : main) {
      String from = type.getPackageName();
      if (!arrows.lists(from)) {
        violations.add(Arrows.shortName(from) + " has no row; found " + type.getName());
      }
      type.getDirectDependenciesFromSelf().stream()
          .filter(arrow -> Arrows.isOurs(arrow.getTargetClass().getPackageName()))
          .filter(arrow -> !arrow.getTargetClass().getPackageName().equals(from))
          .filter(arrow -> !arrows.allows(from, arrow.getTargetClass().getPackageName()))
          .map(
              arrow ->
                  "%s -> %s is not allowed: %s"
                      .formatted(
                          Arrows.shortName(from),
                          Arrows.shortName(arrow.getTargetClass().getPackageName()),
                          arrow.getDescription()))
          .forEach(violations::add);
    }
    assertThat(violations)
        .as("arrows between packages that docs/arrows.txt does not list")
        .isEmpty();
  }

  @Test
  public void listedArrowsAreFreeOfCycles() throws IOException {
    assertThat(Arrows.read(module.repositoryFile("docs/arrows.txt")).cycle()).isEmpty();
  }

  @Test
  public void a01PackagesAreFreeOfCycles() {
    check(slices().matching("io.quorate.(**)").should().beFreeOfCycles());
  }

  // --- pure packages ---------------------------------------------------------------------------

  @Test
  public void a02PurePackagesDependOnLittle() {
    check(
        classes()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(PURE)
                    .or(
                        resideInAnyPackage(
                            "java.lang",
                            "java.lang.annotation",
                            "java.lang.invoke",
                            "java.lang.runtime",
                            "java.util.function",
                            "java.util.stream",
                            "java.nio",
                            "java.nio.charset",
                            "org.jspecify..",
                            "com.google.errorprone.annotations"))
                    .or(
                        resideInAPackage("java.util")
                            .and(
                                not(
                                    nameMatching(
                                        "java\\.util\\.(Random|SplittableRandom|UUID|Timer|TimerTask)"))))
                    .or(nameMatching("java\\.util\\.zip\\.(CRC32C|Checksum)"))
                    // A hash is a function of its bytes.
                    .or(nameMatching("java\\.security\\.(MessageDigest|NoSuchAlgorithmException)"))
                    .as("belong to the short list for pure packages"))
            .as("A2: pure packages depend on values and collections only")
            .because("their behaviour must be a function of what they are handed"));
  }

  @Test
  public void a03PurePackagesReadNoClockAndStartNothing() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .accessTargetWhere(
                describe(
                    "is the clock, a random source or the console",
                    (JavaAccess<?> access) -> {
                      AccessTarget target = access.getTarget();
                      boolean system =
                          target.getOwner().isEquivalentTo(System.class)
                              && !Set.of("arraycopy", "identityHashCode")
                                  .contains(target.getName());
                      boolean random =
                          target.getName().equals("random")
                              && (target.getOwner().isEquivalentTo(Math.class)
                                  || target.getOwner().isEquivalentTo(StrictMath.class));
                      return system || random;
                    }))
            .orShould()
            .dependOnClassesThat(
                nameMatching(
                    "java\\.lang\\.(Thread(Local|Group)?|InheritableThreadLocal|Runtime"
                        + "|Process(Builder|Handle)?)(\\$.*)?"))
            .as("A3: pure packages read no clock, roll no dice and start nothing")
            .because("time and randomness are parameters there"));
  }

  // --- who may touch what ------------------------------------------------------------------------

  @Test
  public void a04NettyAndFilesStayAtTheEdge() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(concat(SOCKETS, "io.quorate.samples.."))
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..")
            .as("A4: Netty appears in transport, admin and the client's connection only"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(concat(FILES, "io.quorate.samples.."))
            .should()
            .dependOnClassesThat(
                resideInAPackage("java.nio.file..")
                    .or(nameMatching("java\\.nio\\.channels\\.(Asynchronous)?FileChannel"))
                    .or(
                        nameMatching(
                            "java\\.io\\.(File|RandomAccessFile|File(In|Out)putStream|FileReader|FileWriter)")))
            .as("A4: files are touched in storage.file, config and the composition root only"));
  }

  @Test
  public void a05ProtobufStopsAtTheNativeProtocol() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "io.quorate.protocol..",
                "io.quorate.client.connection..",
                "io.quorate.server.transport.client.proto..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("com.google.protobuf..")
                    .or(assignableTo("com.google.protobuf.MessageLiteOrBuilder"))
                    .or(assignableTo("com.google.protobuf.ProtocolMessageEnum")))
            .as("A5: protobuf types stop at the native client protocol"));
  }

  @Test
  public void a06OnlyTheRootNamesImplementations() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(COMPOSITION)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quorate.server")
            .as("A6: nobody below depends on the composition root"));
    for (String implementation :
        List.of(
            "io.quorate.server.storage.file",
            "io.quorate.server.transport.peer",
            "io.quorate.server.transport.client.sniff")) {
      check(
          noClasses()
              .that()
              .resideOutsideOfPackages(concat(COMPOSITION, implementation + ".."))
              .should()
              .dependOnClassesThat()
              .resideInAPackage(implementation + "..")
              .as("A6: only the composition root names " + implementation));
    }
  }

  @Test
  public void a07PortPackagesHoldNoBehaviour() {
    check(
        classes()
            .that()
            .resideInAnyPackage(PORTS)
            .and()
            .areNotAnonymousClasses()
            .should(
                ArchCondition.from(
                    describe(
                        "have the form of an interface, record, enum or exception",
                        (JavaClass type) ->
                            type.isInterface()
                                || type.isRecord()
                                || type.isEnum()
                                || type.isAssignableTo(Throwable.class))))
            .as("A7: port packages hold interfaces, records, enums and exceptions only"));
  }

  @Test
  public void a08FewPackagesOwnThreads() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(THREADS)
            .should()
            .accessTargetWhere(
                describe(
                    "starts a thread, or borrows the common pool",
                    (JavaAccess<?> access) -> startsThread(access.getTarget())))
            .as("A8: threads are owned by node and the implementations only")
            .because("elsewhere an executor is handed in"));
  }

  private static boolean startsThread(AccessTarget target) {
    JavaClass owner = target.getOwner();
    String name = target.getName();
    if (owner.isAssignableTo(Thread.class)) {
      return name.equals("<init>") || name.equals("startVirtualThread");
    }
    if (owner.getName().equals("java.util.concurrent.Executors")) {
      return !name.equals("callable");
    }
    if (owner.getName().equals("java.util.concurrent.ForkJoinPool")) {
      return name.equals("<init>") || name.equals("commonPool");
    }
    if (owner.getName().matches("java\\.util\\.concurrent\\.(Scheduled)?ThreadPoolExecutor")) {
      return name.equals("<init>");
    }
    return owner.getName().matches("java\\.util\\.concurrent\\.Complet(ableFuture|ionStage)")
        && name.endsWith("Async")
        && target instanceof AccessTarget.CodeUnitAccessTarget method
        && method.getRawParameterTypes().stream()
            .noneMatch(type -> type.getName().equals("java.util.concurrent.Executor"));
  }

  @Test
  public void a09NothingIsStaticAndMutable() {
    check(
        fields()
            .that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat(handwritten)
            .should()
            .beFinal()
            .as("A9: no static mutable state"));
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.quorate.server.config..")
            .and()
            .haveSimpleNameNotEndingWith("Main")
            .should()
            .accessTargetWhere(
                describe(
                    "reads a system property or the environment",
                    (JavaAccess<?> access) -> readsEnvironment(access.getTarget())))
            .as("A9: properties and environment are read in config and the main classes only"));
    check(
        noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Main")
            .and()
            .doNotHaveSimpleName("TerminatingFaultHandler")
            .should()
            .accessTargetWhere(
                describe(
                    "ends the process",
                    (JavaAccess<?> access) ->
                        (access.getTargetOwner().isEquivalentTo(System.class)
                                && access.getName().equals("exit"))
                            || (access.getTargetOwner().isEquivalentTo(Runtime.class)
                                && Set.of("exit", "halt").contains(access.getName()))))
            .as("A9: only main classes and TerminatingFaultHandler end the process"));
  }

  private static boolean readsEnvironment(AccessTarget target) {
    JavaClass owner = target.getOwner();
    return (owner.isEquivalentTo(System.class)
            && Set.of("getProperty", "getProperties", "getenv").contains(target.getName()))
        || (owner.isEquivalentTo(Integer.class) && target.getName().equals("getInteger"))
        || (owner.isEquivalentTo(Long.class) && target.getName().equals("getLong"))
        || (owner.isEquivalentTo(Boolean.class) && target.getName().equals("getBoolean"));
  }

  @Test
  public void a10RecipesAndSamplesStandOnThePublicClient() {
    check(
        noClasses()
            .that()
            .resideInAPackage("io.quorate.recipes..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.quorate..")
                    .and(
                        not(
                            resideInAnyPackage(
                                "io.quorate.client", "io.quorate.data", "io.quorate.recipes.."))))
            .as("A10: recipes use the public client and the data types only"));
    check(
        noClasses()
            .that()
            .resideInAPackage("io.quorate.samples..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("io.quorate..")
                    .and(
                        not(
                            resideInAnyPackage(
                                "io.quorate.client",
                                "io.quorate.data",
                                "io.quorate.recipes..",
                                "io.quorate.samples..",
                                "io.quorate.server.embedded"))))
            .as("A10: samples use what a user may use"));
  }

  // --- habits ------------------------------------------------------------------------------------

  @Test
  public void a11PackagesSayWhatTheyAreAndClassesHaveNames() throws IOException {
    Set<Path> packages = new TreeSet<>();
    for (Path file : module.mainSources(".java")) {
      packages.add(file.getParent());
    }
    List<String> unmarked = new ArrayList<>();
    for (Path directory : packages) {
      Path info = directory.resolve("package-info.java");
      if (!Files.exists(info) || Files.readString(info).lines().noneMatch("@NullMarked"::equals)) {
        unmarked.add(module.directory().relativize(info).toString());
      }
    }
    assertThat(unmarked).as("A11: package-info.java missing, or without @NullMarked").isEmpty();
    check(
        noClasses()
            .that(handwritten)
            .should()
            .haveNameMatching(".*[.$](\\w*(Utils?|Helpers?|Manager)|Misc\\w*)")
            .as("A11: a class is named for what it is, not Util, Helper, Manager or Misc"));
  }

  @Test
  public void a12NoPublicMutableFields() {
    check(
        fields()
            .that()
            .arePublic()
            .and()
            .areDeclaredInClassesThat(handwritten)
            .should()
            .beFinal()
            .as("A12: no public mutable fields"));
  }

  @Test
  public void a12PurePackagesKnowNoLocks() throws IOException {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should(
                ArchCondition.from(
                    describe(
                        "have synchronized methods",
                        (JavaClass type) ->
                            type.getMethods().stream()
                                .anyMatch(
                                    method ->
                                        method
                                            .getModifiers()
                                            .contains(JavaModifier.SYNCHRONIZED)))))
            .as("A12: no synchronized methods in pure packages"));
    List<String> found = new ArrayList<>();
    for (Path file : module.mainSources(".java")) {
      if (isPure(file) && SourceText.withoutComments(file).matches("(?s).*\\bsynchronized\\b.*")) {
        found.add(module.directory().relativize(file).toString());
      }
    }
    assertThat(found).as("A12: synchronized in a pure package").isEmpty();
  }

  private boolean isPure(Path file) {
    String name = module.mainSources().relativize(file.getParent()).toString().replace('/', '.');
    return Stream.of(PURE)
        .anyMatch(
            pure ->
                pure.endsWith("..")
                    ? (name + ".").startsWith(pure.substring(0, pure.length() - 1))
                    : name.equals(pure));
  }

  @Test
  public void a12BroadCatchesAreMarkedAsTheTopOfAThread() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : module.mainSources(".java")) {
      Matcher matcher = BROAD_CATCH.matcher(Files.readString(file));
      while (matcher.find()) {
        if (!matcher.group().contains("// thread top")) {
          found.add(module.directory().relativize(file) + ": " + matcher.group().strip());
        }
      }
    }
    assertThat(found)
        .as(
            "A12: catch of Exception, Throwable or Error; where it is the top of a thread or of a"
                + " callback from outside, say so on the line: { // thread top: why")
        .isEmpty();
  }

  @Test
  public void a14TestsWaitForEventsAndStayOn() {
    JavaClasses tests = module.testClasses();
    noClasses()
        .should()
        .accessTargetWhere(
            describe(
                "sleeps",
                (JavaAccess<?> access) ->
                    access.getName().equals("sleep")
                        && Set.of("java.lang.Thread", "java.util.concurrent.TimeUnit")
                            .contains(access.getTargetOwner().getName())))
        .as("A14: tests wait for what they wait for; they do not sleep")
        .allowEmptyShould(true)
        .check(tests);
    List<String> off = new ArrayList<>();
    for (JavaClass type : tests) {
      if (isOffWithoutIssue(type)) {
        off.add(type.getName());
      }
      type.getMethods().stream()
          .filter(ArchitectureContract::isOffWithoutIssue)
          .map(JavaMethod::getFullName)
          .forEach(off::add);
    }
    assertThat(off).as("A14: @Disabled names an issue, as in @Disabled(\"#12: why\")").isEmpty();
  }

  private static boolean isOffWithoutIssue(HasAnnotations<?> element) {
    return element
        .tryGetAnnotationOfType(Disabled.class)
        .filter(disabled -> !ISSUE.matcher(disabled.value()).find())
        .isPresent();
  }

  private void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(main);
  }

  private static String[] concat(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }
}
