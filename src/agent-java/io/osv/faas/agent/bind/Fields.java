package io.osv.faas.agent.bind;

import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.json.JsonWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A JSON object of a manifest, read field by field; what is wrong is named with field, rule and value. */
record Fields(Map<?, ?> values, String at) {
  private static final int SHOWN = 100;

  static Refusal fail(String field, String rule, Object value) {
    var text = value instanceof String string ? string : value == null ? "nothing" : JsonWriter.write(value);
    var shown = text.length() > SHOWN ? text.substring(0, SHOWN) : text;
    return new Refusal(400, "ManifestInvalid", field + " " + rule + ", got " + shown);
  }

  static Fields of(Object value, String at) {
    if (value instanceof Map<?, ?> map) {
      return new Fields(map, at);
    }
    throw fail(at.isEmpty() ? "manifest" : at, "must be an object", value);
  }

  Object get(String name) {
    return values.get(name);
  }

  String path(String name) {
    return at.isEmpty() ? name : at + '.' + name;
  }

  /** A string that is not empty. */
  String text(String name) {
    if (get(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw fail(path(name), "must be a non-empty string", get(name));
  }

  long integer(String name, long min, long max) {
    if (get(name) instanceof Long number && number >= min && number <= max) {
      return number;
    }
    throw fail(path(name), "must be an integer from " + min + " to " + max, get(name));
  }

  boolean bool(String name) {
    if (get(name) instanceof Boolean flag) {
      return flag;
    }
    throw fail(path(name), "must be a boolean", get(name));
  }

  List<?> array(String name, int max) {
    if (get(name) instanceof List<?> list && list.size() <= max) {
      return list;
    }
    throw fail(path(name), "must be an array of at most " + max, get(name));
  }

  /** A map of strings, as environments are: no "=" or NUL in names, no NUL in values. */
  Map<String, String> strings(String name) {
    var result = new HashMap<String, String>();
    for (var entry : of(get(name), path(name)).values().entrySet()) {
      var key = (String) entry.getKey();
      if (key.isEmpty() || key.indexOf('=') >= 0 || key.indexOf('\0') >= 0) {
        throw fail(path(name), "must have names without \"=\" and NUL", key);
      }
      if (!(entry.getValue() instanceof String value) || value.indexOf('\0') >= 0) {
        throw fail(path(name) + '.' + key, "must be a string without NUL", entry.getValue());
      }
      result.put(key, value);
    }
    return result;
  }
}
