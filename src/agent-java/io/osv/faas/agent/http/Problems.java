package io.osv.faas.agent.http;

import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Refusals as problem documents (RFC 9457). */
public final class Problems {
  private Problems() {}

  public static boolean send(Exchange exchange, Refusal refusal, String requestId) {
    return send(exchange, refusal, requestId, Map.of());
  }

  /** False when an answer has begun. {@code extra} members go into the document. */
  public static boolean send(
      Exchange exchange, Refusal refusal, String requestId, Map<String, Object> extra) {
    var document = new LinkedHashMap<String, Object>();
    document.put("type", "urn:osv-faas:problem:" + refusal.reason());
    document.put("title", title(refusal.reason()));
    document.put("status", refusal.status());
    document.put("detail", refusal.getMessage());
    document.put("component", refusal.component());
    document.put("reason", refusal.reason());
    document.put("requestId", requestId);
    document.putAll(extra);
    var headers =
        List.of(
            new Header("content-type", "application/problem+json"),
            new Header("osv-faas-error", refusal.reason()));
    return exchange.send(
        refusal.status(), headers, JsonWriter.write(document).getBytes(StandardCharsets.UTF_8));
  }

  /** {@code QueueFull} becomes "Queue full". */
  private static String title(String reason) {
    var words = reason.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }
}
