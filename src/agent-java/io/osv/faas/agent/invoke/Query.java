package io.osv.faas.agent.invoke;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The parts of a request's target. */
final class Query {
  private Query() {}

  static String pathOf(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }

  /** The query as it is; empty when there is none. */
  static String rawOf(String target) {
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark + 1);
  }

  /** Names and values, decoded, in their order. */
  static List<Map.Entry<String, String>> of(String target) {
    var parameters = new ArrayList<Map.Entry<String, String>>();
    for (var part : rawOf(target).split("&")) {
      if (!part.isEmpty()) {
        int equals = part.indexOf('=');
        var name = equals < 0 ? part : part.substring(0, equals);
        parameters.add(Map.entry(decoded(name), equals < 0 ? "" : decoded(part.substring(equals + 1))));
      }
    }
    return parameters;
  }

  /** What is wrongly encoded stays as it is, as browsers do. */
  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
