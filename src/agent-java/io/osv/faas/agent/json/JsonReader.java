package io.osv.faas.agent.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Reads one JSON document (RFC 8259) into maps, lists, strings, longs, doubles, booleans and null.
 * Strict: no comments, no trailing commas, no name twice in an object.
 */
public final class JsonReader {
  private static final int MAX_DEPTH = 64;

  private final String text;
  private int at;
  private int depth;

  private JsonReader(String text) {
    this.text = text;
  }

  /** @throws JsonException naming the place */
  public static Object read(String text) {
    var reader = new JsonReader(text);
    var value = reader.value();
    if (reader.next() != -1) {
      throw reader.fail("more after the document");
    }
    return value;
  }

  private Object value() {
    int first = next();
    return switch (first) {
      case '{' -> nested(this::object);
      case '[' -> nested(this::array);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Object nested(Supplier<Object> read) {
    if (++depth > MAX_DEPTH) {
      throw fail("nested deeper than " + MAX_DEPTH);
    }
    at++;
    var value = read.get();
    depth--;
    return value;
  }

  private Map<String, Object> object() {
    var members = new LinkedHashMap<String, Object>();
    if (took('}')) {
      return members;
    }
    do {
      if (next() != '"') {
        throw fail("a name expected");
      }
      var name = string();
      expect(':');
      var value = value();
      if (members.containsKey(name)) {
        throw fail("\"" + name + "\" twice");
      }
      members.put(name, value);
    } while (took(','));
    expect('}');
    return members;
  }

  private List<Object> array() {
    var items = new ArrayList<>();
    if (took(']')) {
      return items;
    }
    do {
      items.add(value());
    } while (took(','));
    expect(']');
    return items;
  }

  private String string() {
    int begin = ++at;
    // Most strings have no escapes: one copy.
    while (at < text.length() && isPlain(text.charAt(at))) {
      at++;
    }
    var result = new StringBuilder(text.substring(begin, at));
    for (;;) {
      char c = take();
      if (c == '"') {
        return result.toString();
      }
      if (c < ' ') {
        throw fail("a control character in a string");
      }
      result.append(c == '\\' ? escape() : c);
    }
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c != '"' && c != '\\';
  }

  private char escape() {
    char c = take();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw fail("an unknown escape");
    };
  }

  private char unicode() {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(take(), 16);
      if (digit < 0) {
        throw fail("four hex digits expected");
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  private Object number() {
    int begin = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    var digits = text.substring(begin, at);
    if (!digits.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
      throw fail("a value expected");
    }
    try {
      return Long.valueOf(digits);
    } catch (NumberFormatException notWhole) {
      return Double.valueOf(digits);
    }
  }

  private Object word(String word, Object value) {
    if (!text.startsWith(word, at)) {
      throw fail("a value expected");
    }
    at += word.length();
    return value;
  }

  /** The next character that is no space, or -1. */
  private int next() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : -1;
  }

  private boolean took(char c) {
    boolean there = next() == c;
    at += there ? 1 : 0;
    return there;
  }

  private void expect(char c) {
    if (!took(c)) {
      throw fail("'" + c + "' expected");
    }
  }

  private char take() {
    if (at >= text.length()) {
      throw fail("the text ends in a string");
    }
    return text.charAt(at++);
  }

  private JsonException fail(String what) {
    return new JsonException(what + " at character " + at);
  }
}
