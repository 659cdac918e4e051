package io.quorate.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.client.QuorateClient;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: who uses the client and the recipes meets only the JDK, {@code io.quorate} and {@link
 * MeterRegistry}, and no checked exception but {@link InterruptedException}. Method: reads every
 * signature that another package can see.
 */
class ApiSignaturesTest {

  @Test
  void publicSignatures_nameOnlyTheJdkQuorateAndMeterRegistry() throws Exception {
    List<String> strangers = new ArrayList<>();

    for (Class<?> type : api()) {
      for (Class<?> named : namedBy(type)) {
        if (!isAllowed(named)) {
          strangers.add(type.getName() + " names " + named.getName());
        }
      }
    }

    assertThat(strangers).isEmpty();
  }

  @Test
  void publicMethods_throwNoCheckedExceptionButInterruptedException() throws Exception {
    List<String> checked = new ArrayList<>();

    for (Class<?> type : api()) {
      for (Executable each : executables(type)) {
        for (Class<?> thrown : each.getExceptionTypes()) {
          boolean unchecked =
              RuntimeException.class.isAssignableFrom(thrown)
                  || Error.class.isAssignableFrom(thrown)
                  || thrown == InterruptedException.class;
          if (!unchecked && !isWrittenByUsers(type)) {
            checked.add(each.toString());
          }
        }
      }
    }

    assertThat(checked).isEmpty();
  }

  @Test
  void waits_takeNoInstantAndNoTimeUnit() throws Exception {
    List<String> found = new ArrayList<>();

    for (Class<?> type : api()) {
      for (Executable each : executables(type)) {
        List<Class<?>> parameters = Arrays.asList(each.getParameterTypes());
        boolean prescribed = type.isInterface() ? false : overridesJdk(each);
        if (parameters.contains(Instant.class)
            || (parameters.contains(TimeUnit.class) && !prescribed)) {
          found.add(each.toString());
        }
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void closeOfHandles_throwsNothingChecked() throws Exception {
    List<String> found = new ArrayList<>();

    for (Class<?> type : api()) {
      if (AutoCloseable.class.isAssignableFrom(type)) {
        Method close = type.getMethod("close");
        if (close.getExceptionTypes().length > 0) {
          found.add(close.toString());
        }
      }
    }

    assertThat(found).isEmpty();
  }

  @Test
  void reader_looksAtWhatItShould() throws Exception {
    assertThat(api())
        .contains(QuorateClient.class, Recipes.class, io.quorate.recipes.base.Grant.class)
        .hasSizeGreaterThan(50);
    assertThat(namedBy(Specimen.class))
        .contains(Duration.class, org.slf4j.Logger.class, org.junit.jupiter.api.Assertions.class);
    assertThat(isAllowed(org.slf4j.Logger.class)).isFalse();
    assertThat(isAllowed(MeterRegistry.class)).isTrue();
  }

  /** Something to find strangers in. */
  interface Specimen extends Consumer<List<? super org.slf4j.Logger>> {
    <T extends org.junit.jupiter.api.Assertions> Duration m(T[] argument);
  }

  // ---- what is allowed
  // ---------------------------------------------------------------------------

  private static boolean isAllowed(Class<?> named) {
    String name = named.getName();
    return named.isPrimitive()
        || name.startsWith("java.")
        || name.startsWith("io.quorate.client.")
        || name.startsWith("io.quorate.data.")
        || name.startsWith("io.quorate.recipes.")
        || named == MeterRegistry.class;
  }

  /** Functions that users write and recipes call may throw what they like. */
  private static boolean isWrittenByUsers(Class<?> type) {
    return type.isInterface() && type.isAnnotationPresent(FunctionalInterface.class);
  }

  /** Such as {@code Lock.tryLock(long, TimeUnit)}. */
  private static boolean overridesJdk(Executable each) {
    for (Class<?> parent : each.getDeclaringClass().getInterfaces()) {
      if (parent.getName().startsWith("java.")) {
        for (Method method : parent.getMethods()) {
          if (method.getName().equals(each.getName())
              && Arrays.equals(method.getParameterTypes(), each.getParameterTypes())) {
            return true;
          }
        }
      }
    }
    return false;
  }

  // ---- what there is
  // -----------------------------------------------------------------------------

  /** The public classes of the client's own package and of all recipes. */
  private static List<Class<?>> api() throws IOException, URISyntaxException {
    List<Class<?>> found = new ArrayList<>();
    collect(QuorateClient.class, name -> name.matches("io\\.quorate\\.client\\.[^.]+"), found);
    collect(Recipes.class, name -> name.startsWith("io.quorate.recipes."), found);
    return found;
  }

  private static void collect(Class<?> anchor, Predicate<String> wanted, List<Class<?>> found)
      throws IOException, URISyntaxException {
    URI place = anchor.getProtectionDomain().getCodeSource().getLocation().toURI();
    Path path = Path.of(place);
    if (Files.isDirectory(path)) {
      collect(path, wanted, found);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(path)) {
        collect(jar.getPath("/"), wanted, found);
      }
    }
  }

  private static void collect(Path root, Predicate<String> wanted, List<Class<?>> found)
      throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        String name =
            root.relativize(file).toString().replace('/', '.').replaceAll("\\.class$", "");
        if (wanted.test(name) && !name.endsWith("-info")) {
          Class<?> type = load(name);
          if (isVisible(type)) {
            found.add(type);
          }
        }
      }
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, ApiSignaturesTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return !type.isSynthetic()
        && !type.isAnonymousClass()
        && (Modifier.isPublic(type.getModifiers()) || Modifier.isProtected(type.getModifiers()))
        && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static List<Executable> executables(Class<?> type) {
    List<Executable> found = new ArrayList<>();
    for (Method method : type.getDeclaredMethods()) {
      if (isVisible(method.getModifiers()) && !method.isSynthetic()) {
        found.add(method);
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isVisible(constructor.getModifiers()) && !constructor.isSynthetic()) {
        found.add(constructor);
      }
    }
    return found;
  }

  private static Set<Class<?>> namedBy(Class<?> type) {
    Set<Class<?>> named = new TreeSet<>(Comparator.comparing(Class::getName));
    List<Type> open = new ArrayList<>(List.of(type.getGenericInterfaces()));
    if (type.getGenericSuperclass() != null) {
      open.add(type.getGenericSuperclass());
    }
    open.addAll(List.of(type.getTypeParameters()));
    for (Field field : type.getDeclaredFields()) {
      if (isVisible(field.getModifiers())) {
        open.add(field.getGenericType());
      }
    }
    for (Executable each : executables(type)) {
      open.addAll(List.of(each.getGenericParameterTypes()));
      open.addAll(List.of(each.getGenericExceptionTypes()));
      open.addAll(List.of(each.getTypeParameters()));
      if (each instanceof Method method) {
        open.add(method.getGenericReturnType());
      }
    }
    Set<Type> seen = new HashSet<>();
    for (int i = 0; i < open.size(); i++) {
      Type each = open.get(i);
      if (!seen.add(each)) {
        continue;
      }
      if (each instanceof Class<?> plain) {
        Class<?> element = plain;
        while (element.isArray()) {
          element = element.getComponentType();
        }
        named.add(element);
      } else if (each instanceof ParameterizedType parameterized) {
        open.add(parameterized.getRawType());
        open.addAll(List.of(parameterized.getActualTypeArguments()));
      } else if (each instanceof GenericArrayType array) {
        open.add(array.getGenericComponentType());
      } else if (each instanceof WildcardType wildcard) {
        open.addAll(List.of(wildcard.getLowerBounds()));
        open.addAll(List.of(wildcard.getUpperBounds()));
      } else if (each instanceof TypeVariable<?> variable) {
        open.addAll(List.of(variable.getBounds()));
      }
    }
    return named;
  }
}
