package io.quorate.recipes.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes records of text by key. Stateless. */
final class RecordBinding {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");

  private RecordBinding() {}

  static <R extends Record> R bind(Class<R> type, SortedMap<String, String> values) {
    return type.cast(record(type, "", values));
  }

  private static Object record(Class<?> type, String prefix, SortedMap<String, String> values) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    Object[] arguments = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      arguments[i] =
          component(components[i].getGenericType(), prefix + components[i].getName(), values);
    }
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      ConfigBindException refused =
          new ConfigBindException(
              prefix.isEmpty() ? type.getSimpleName() : prefix.substring(0, prefix.length() - 1),
              "what the record " + type.getSimpleName() + " accepts",
              String.valueOf(e.getCause()));
      refused.initCause(e.getCause());
      throw refused;
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("record " + type.getName() + " can't be made", e);
    }
  }

  private static Object component(Type type, String key, SortedMap<String, String> values) {
    if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
      Type inner = generic.getActualTypeArguments()[0];
      return isPresent(inner, key, values)
          ? Optional.of(component(inner, key, values))
          : Optional.empty();
    }
    if (type instanceof Class<?> plain && plain.isRecord()) {
      return record(plain, key + "/", values);
    }
    String text = values.get(key);
    if (text == null) {
      throw new ConfigBindException(key, name(type), "no such key");
    }
    Object value = parsed(type, text.strip());
    if (value == null) {
      throw new ConfigBindException(key, name(type), "'" + text + "'");
    }
    return value;
  }

  private static boolean isPresent(Type type, String key, SortedMap<String, String> values) {
    if (type instanceof Class<?> plain && plain.isRecord()) {
      Map<String, String> from = values.tailMap(key + "/");
      return !from.isEmpty() && from.keySet().iterator().next().startsWith(key + "/");
    }
    return values.containsKey(key);
  }

  /** Null if the text is none of that type. */
  private static @Nullable Object parsed(Type type, String text) {
    if (type instanceof ParameterizedType generic
        && generic.getRawType() == List.class
        && generic.getActualTypeArguments()[0] == String.class) {
      return text.isEmpty()
          ? List.of()
          : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }
    if (!(type instanceof Class<?> plain)) {
      throw unsupported(type);
    }
    if (plain == String.class) {
      return text;
    }
    if (plain == boolean.class || plain == Boolean.class) {
      return text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
    }
    if (plain == Duration.class) {
      return duration(text);
    }
    if (plain.isEnum()) {
      for (Object constant : plain.getEnumConstants()) {
        if (((Enum<?>) constant).name().equals(text)) {
          return constant;
        }
      }
      return null;
    }
    return number(plain, text);
  }

  private static @Nullable Object number(Class<?> type, String text) {
    try {
      if (type == int.class || type == Integer.class) {
        return Integer.valueOf(text);
      }
      if (type == long.class || type == Long.class) {
        return Long.valueOf(text);
      }
      if (type == double.class || type == Double.class) {
        return Double.valueOf(text);
      }
    } catch (NumberFormatException e) {
      return null;
    }
    throw unsupported(type);
  }

  private static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    try {
      if (!matcher.matches()) {
        return Duration.parse(text);
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        case "h" -> Duration.ofHours(amount);
        default -> Duration.ofDays(amount);
      };
    } catch (DateTimeParseException | ArithmeticException e) {
      return null;
    }
  }

  private static String name(Type type) {
    if (type instanceof Class<?> plain) {
      return plain.isEnum()
          ? "one of " + Arrays.toString(plain.getEnumConstants())
          : plain.getSimpleName();
    }
    return type.getTypeName();
  }

  private static IllegalArgumentException unsupported(Type type) {
    return new IllegalArgumentException(
        "a component of type " + type.getTypeName() + " can't be bound; see ConfigPicture.bind");
  }
}
