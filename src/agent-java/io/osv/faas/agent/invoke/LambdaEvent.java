package io.osv.faas.agent.invoke;

import io.osv.faas.agent.http.Head;
import io.osv.faas.agent.load.Call;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The event of an AWS Lambda function URL, payload format 2.0: several headers or query parameters
 * of a name are joined by commas, cookies stand apart, a body that is not text is base64.
 */
final class LambdaEvent {
  private static final Pattern TEXT =
      Pattern.compile(
          "(text/|application/(json|javascript|xml|[\\w.+-]+\\+(json|xml))\\b).*",
          Pattern.CASE_INSENSITIVE);

  private static final DateTimeFormatter CLF =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);

  private LambdaEvent() {}

  static Map<String, Object> of(Call call, byte[] body) {
    var head = call.exchange().head();
    var headers = headers(head);
    var event = new LinkedHashMap<String, Object>();
    event.put("version", "2.0");
    event.put("routeKey", "$default");
    event.put("rawPath", Query.pathOf(head.target()));
    event.put("rawQueryString", Query.rawOf(head.target()));
    putIfAny(event, "cookies", cookies(head));
    event.put("headers", headers);
    putIfAny(event, "queryStringParameters", query(head));
    event.put("requestContext", requestContext(call, headers));
    var text = isText(headers) ? decoded(body) : null;
    if (body.length > 0) {
      event.put("body", text == null ? Base64.getEncoder().encodeToString(body) : text);
    }
    event.put("isBase64Encoded", body.length > 0 && text == null);
    return event;
  }

  private static void putIfAny(Map<String, Object> event, String name, Object values) {
    boolean empty = values instanceof Map<?, ?> map ? map.isEmpty() : ((List<?>) values).isEmpty();
    if (!empty) {
      event.put(name, values);
    }
  }

  private static Map<String, String> headers(Head head) {
    var headers = new LinkedHashMap<String, String>();
    for (var header : head.headers()) {
      if (!header.isOwn() && !header.is("cookie")) {
        headers.merge(header.name().toLowerCase(Locale.ROOT), header.value(), (a, b) -> a + "," + b);
      }
    }
    return headers;
  }

  private static List<String> cookies(Head head) {
    var cookies = new ArrayList<String>();
    head.all("cookie").forEach(line -> cookies.addAll(List.of(line.split(";\\s*"))));
    return cookies;
  }

  private static Map<String, String> query(Head head) {
    var query = new LinkedHashMap<String, String>();
    Query.of(head.target()).forEach(p -> query.merge(p.getKey(), p.getValue(), (a, b) -> a + "," + b));
    return query;
  }

  private static Map<String, Object> requestContext(Call call, Map<String, String> headers) {
    var head = call.exchange().head();
    var domain = headers.getOrDefault("host", "");
    var forwarded = headers.getOrDefault("x-forwarded-for", "").split(",")[0].strip();
    var http = new LinkedHashMap<String, Object>();
    http.put("method", head.method());
    http.put("path", Query.pathOf(head.target()));
    http.put("protocol", head.is11() ? "HTTP/1.1" : "HTTP/1.0");
    http.put("sourceIp", forwarded.isEmpty() ? call.exchange().remoteAddress() : forwarded);
    http.put("userAgent", headers.getOrDefault("user-agent", ""));
    var now = Instant.now();
    var context = new LinkedHashMap<String, Object>();
    context.put("accountId", "anonymous");
    context.put("apiId", call.fn().name());
    context.put("domainName", domain);
    context.put("domainPrefix", domain.split("\\.")[0]);
    context.put("http", http);
    context.put("requestId", call.requestId());
    context.put("routeKey", "$default");
    context.put("stage", "$default");
    context.put("time", clf(now));
    context.put("timeEpoch", now.toEpochMilli());
    return context;
  }

  /** {@code 12/Mar/2026:19:03:58 +0000}. */
  private static String clf(Instant at) {
    return CLF.format(at.atOffset(ZoneOffset.UTC));
  }

  /** Null for what is not UTF-8, whatever it is called: signs would be lost. */
  private static String decoded(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static boolean isText(Map<String, String> headers) {
    var type = headers.get("content-type");
    return headers.get("content-encoding") == null && type != null && TEXT.matcher(type).matches();
  }
}
