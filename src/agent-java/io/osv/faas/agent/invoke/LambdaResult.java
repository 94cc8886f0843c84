package io.osv.faas.agent.invoke;

import io.osv.faas.Response;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.json.JsonException;
import io.osv.faas.agent.json.JsonReader;
import io.osv.faas.agent.json.JsonWriter;
import io.osv.faas.agent.json.Properties;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads what a method returned as payload format 2.0 does: what has a {@code statusCode} is the
 * answer itself, anything else its body as JSON (a string as it is). Refuses with {@code
 * InvalidAnswer}, which names the field.
 */
final class LambdaResult {
  private LambdaResult() {}

  static Response of(Object result) {
    try {
      var fields = fieldsOf(result);
      if (fields != null && fields.containsKey("statusCode")) {
        return structured(fields);
      }
      var text = result instanceof String string ? string : JsonWriter.write(result);
      return Response.json(text);
    } catch (JsonException e) {
      throw invalid(
          "the value must be JSON, or an io.osv.faas.Response (spec.signature Lambda): "
              + e.getMessage());
    }
  }

  /** What was written to a stream: JSON as above, or any text. */
  static Response ofStream(byte[] written) {
    var text = new String(written, StandardCharsets.UTF_8);
    try {
      var value = JsonReader.read(text);
      return value instanceof Map<?, ?> ? of(value) : Response.json(text);
    } catch (JsonException noJson) {
      return Response.of(200).header("content-type", "application/json").body(written);
    }
  }

  /** The members of a map, or the properties of an object that has a status code; null for anything else. */
  private static Map<?, ?> fieldsOf(Object result) {
    if (result instanceof Map<?, ?> map) {
      return map;
    }
    boolean hasStatus =
        result != null
            && (result.getClass().isRecord() || hasMethod(result.getClass(), "getStatusCode"));
    return hasStatus ? Properties.of(result) : null;
  }

  private static boolean hasMethod(Class<?> type, String name) {
    for (var method : type.getMethods()) {
      if (method.getName().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static Response structured(Map<?, ?> fields) {
    var response = Response.of(status(plain(fields, "statusCode")));
    boolean typed = false;
    for (var header : map(plain(fields, "headers"), "headers").entrySet()) {
      var name = String.valueOf(header.getKey());
      if (header.getValue() != null) {
        typed |= name.toLowerCase(Locale.ROOT).equals("content-type");
        response = response.header(name, scalar(header.getValue(), "headers." + name));
      }
    }
    var several = "multiValueHeaders";
    for (var header : map(plain(fields, several), several).entrySet()) {
      var name = String.valueOf(header.getKey());
      typed |= name.toLowerCase(Locale.ROOT).equals("content-type");
      response = each(response, name, header.getValue(), several + "." + name);
    }
    response = each(response, "set-cookie", plain(fields, "cookies"), "cookies");
    response = typed ? response : response.header("content-type", "application/json");
    return response.body(body(fields));
  }

  /** A member as whoever reads it from JSON finds it: what an object of one's own is has been written down. */
  private static Object plain(Map<?, ?> fields, String name) {
    return JsonReader.read(JsonWriter.write(fields.get(name)));
  }

  private static Response each(Response response, String name, Object values, String field) {
    var all = response;
    for (var value : list(values, field)) {
      all = value == null ? all : all.header(name, scalar(value, field));
    }
    return all;
  }

  private static int status(Object value) {
    var text = String.valueOf(value);
    if (!text.matches("[2-5]\\d\\d")) {
      throw invalid("statusCode must be an integer from 200 to 599");
    }
    return Integer.parseInt(text);
  }

  private static byte[] body(Map<?, ?> fields) {
    var body = fields.get("body");
    if (body == null) {
      return new byte[0];
    }
    if (body instanceof byte[] bytes) {
      return bytes;
    }
    if (!(body instanceof CharSequence text)) {
      return JsonWriter.write(body).getBytes(StandardCharsets.UTF_8);
    }
    try {
      return isBase64(fields)
          ? Base64.getDecoder().decode(text.toString())
          : text.toString().getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw invalid("body must be base64");
    }
  }

  /** A getter {@code isBase64Encoded} is that of a property base64Encoded: so has AWS's own class of answers. */
  private static boolean isBase64(Map<?, ?> fields) {
    return Boolean.TRUE.equals(fields.get("isBase64Encoded"))
        || Boolean.TRUE.equals(fields.get("base64Encoded"));
  }

  private static Map<?, ?> map(Object value, String field) {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw invalid(field + " must be an object");
  }

  private static Collection<?> list(Object value, String field) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof Collection<?> items) {
      return items;
    }
    throw invalid(field + " must be an array");
  }

  /** What {@link #plain} gives for text, numbers and booleans, as JSON has them. */
  private static String scalar(Object value, String field) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Number || value instanceof Boolean) {
      return JsonWriter.write(value);
    }
    throw invalid(field + " must be a string");
  }

  private static Refusal invalid(String detail) {
    return Answer.invalid("Of the function's result, " + detail + ".");
  }
}
