package io.osv.faas.agent.load;

import java.util.regex.Pattern;

/**
 * {@code com.example.Hello} or {@code com.example.Hello::method}; the method is null when it is not
 * named.
 */
record HandlerName(String className, String method) {
  private static final Pattern FORM =
      Pattern.compile("([\\p{L}_$][\\p{L}\\p{N}_$.]*?)(?:::([\\p{L}_$][\\p{L}\\p{N}_$]*))?");

  static HandlerName parse(String handler) throws LoadFailure {
    var match = FORM.matcher(handler);
    if (!match.matches()) {
      throw LoadFailure.notFound(
          "the handler \"" + handler + "\" is neither package.Class nor package.Class::method");
    }
    return new HandlerName(match.group(1), match.group(2));
  }
}
