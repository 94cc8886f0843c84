package io.osv.faas.agent.json;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes JSON: maps, iterables, arrays, text, numbers, booleans, enums, times, null; other objects by
 * their getters.
 */
public final class JsonWriter {
  private static final int MAX_DEPTH = 64;

  private final StringBuilder out = new StringBuilder();
  private int depth;

  private JsonWriter() {}

  /** @throws JsonException for what has no JSON */
  public static String write(Object value) {
    var writer = new JsonWriter();
    writer.value(value);
    return writer.out.toString();
  }

  private void value(Object given) {
    var value = Plain.of(given);
    if (++depth > MAX_DEPTH) {
      throw new JsonException("nested deeper than " + MAX_DEPTH);
    }
    if (value == null || value instanceof Boolean) {
      out.append(value);
    } else if (value instanceof Number number) {
      number(number);
    } else if (value instanceof CharSequence || value instanceof Character) {
      string(value.toString());
    } else if (value instanceof Enum<?> constant) {
      string(constant.name());
    } else if (value instanceof Map<?, ?> map) {
      object(map);
    } else if (value instanceof Iterable<?> items) {
      array(items);
    } else if (value.getClass().isArray()) {
      array(itemsOf(value));
    } else {
      object(Properties.of(value));
    }
    depth--;
  }

  private void object(Map<?, ?> members) {
    char before = '{';
    for (var member : members.entrySet()) {
      out.append(before);
      string(String.valueOf(member.getKey()));
      out.append(':');
      value(member.getValue());
      before = ',';
    }
    out.append(before == '{' ? "{}" : "}");
  }

  private void array(Iterable<?> items) {
    char before = '[';
    for (var item : items) {
      out.append(before);
      value(item);
      before = ',';
    }
    out.append(before == '[' ? "[]" : "]");
  }

  private static List<Object> itemsOf(Object array) {
    var items = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      items.add(Array.get(array, i));
    }
    return items;
  }

  private void number(Number number) {
    double real = number.doubleValue();
    boolean finite = !Double.isNaN(real) && !Double.isInfinite(real);
    boolean isReal = number instanceof Double || number instanceof Float;
    if (isReal && finite && real == Math.rint(real) && Math.abs(real) < 1e15) {
      out.append((long) real);
    } else {
      // As in JavaScript: what is no number in JSON is null.
      out.append(isReal && !finite ? "null" : number.toString());
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || Character.isSurrogate(c) && !isPaired(text, i)) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static boolean isPaired(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }
}
