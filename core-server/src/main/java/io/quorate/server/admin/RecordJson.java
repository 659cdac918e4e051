package io.quorate.server.admin;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;

/**
 * A public record as a JSON object, its components under their names in their order: numbers,
 * booleans, texts, records, and lists of these.
 *
 * <p>A component whose name ends in {@code zxid} or {@code digest} becomes a text with its hex
 * digits: readers of JSON keep only 53 bits of a number.
 */
public final class RecordJson {
  private RecordJson() {}

  public static String of(Record record) {
    StringBuilder out = new StringBuilder();
    write(record, out);
    return out.toString();
  }

  /** A list of objects. */
  public static String of(List<? extends Record> records) {
    StringBuilder out = new StringBuilder();
    write("", records, out);
    return out.toString();
  }

  private static void write(Record record, StringBuilder out) {
    out.append('{');
    String separator = "";
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      out.append(separator);
      separator = ",";
      write(component.getName(), out);
      out.append(':');
      write(component.getName(), valueOf(record, component), out);
    }
    out.append('}');
  }

  private static Object valueOf(Record record, RecordComponent component) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true); // the record may be private to its package
      return accessor.invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalArgumentException("can't read " + component + " of a record", e);
    }
  }

  private static void write(String name, Object value, StringBuilder out) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (value instanceof Long bits && lower.endsWith("zxid")) {
      write("0x" + Long.toHexString(bits), out);
    } else if (value instanceof Long bits && lower.endsWith("digest")) {
      write(String.format(Locale.ROOT, "%016x", bits), out);
    } else if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof String text) {
      write(text, out);
    } else if (value instanceof Record record) {
      write(record, out);
    } else if (value instanceof List<?> list) {
      out.append('[');
      String separator = "";
      for (Object element : list) {
        out.append(separator);
        separator = ",";
        write("", element, out);
      }
      out.append(']');
    } else {
      throw new IllegalArgumentException(
          "expected a number, boolean, text, record or list in " + name + ", found " + value);
    }
  }

  private static void write(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
