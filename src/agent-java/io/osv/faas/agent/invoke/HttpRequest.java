package io.osv.faas.agent.invoke;

import io.osv.faas.Request;
import io.osv.faas.agent.http.Head;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request as functions see it: without the headers between gateway and agent. */
final class HttpRequest implements Request {
  private final Head head;
  private final InputStream body;
  private final Map<String, List<String>> headers = new LinkedHashMap<>();

  HttpRequest(Head head, InputStream body) {
    this.head = head;
    this.body = body;
    for (var header : head.headers()) {
      if (!header.isOwn()) {
        var name = header.name().toLowerCase(Locale.ROOT);
        headers.computeIfAbsent(name, key -> new ArrayList<>()).add(header.value());
      }
    }
  }

  @Override
  public String method() {
    return head.method();
  }

  @Override
  public String target() {
    return head.target();
  }

  @Override
  public String path() {
    return Query.pathOf(head.target());
  }

  @Override
  public Optional<String> query(String name) {
    return Query.of(head.target()).stream()
        .filter(parameter -> parameter.getKey().equals(name))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  @Override
  public Map<String, List<String>> headers() {
    return headers;
  }

  @Override
  public Optional<String> header(String name) {
    var values = headers.get(name.toLowerCase(Locale.ROOT));
    return values == null ? Optional.empty() : Optional.of(values.get(0));
  }

  @Override
  public InputStream body() {
    return body;
  }
}
