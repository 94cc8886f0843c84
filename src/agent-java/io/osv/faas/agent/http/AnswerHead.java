package io.osv.faas.agent.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/** The status line and the headers of an answer. */
final class AnswerHead {
  private static final Map<Integer, String> REASONS =
      Map.ofEntries(
          Map.entry(101, "Switching Protocols"),
          Map.entry(200, "OK"),
          Map.entry(201, "Created"),
          Map.entry(202, "Accepted"),
          Map.entry(204, "No Content"),
          Map.entry(206, "Partial Content"),
          Map.entry(301, "Moved Permanently"),
          Map.entry(302, "Found"),
          Map.entry(303, "See Other"),
          Map.entry(304, "Not Modified"),
          Map.entry(307, "Temporary Redirect"),
          Map.entry(308, "Permanent Redirect"),
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(408, "Request Timeout"),
          Map.entry(409, "Conflict"),
          Map.entry(413, "Content Too Large"),
          Map.entry(415, "Unsupported Media Type"),
          Map.entry(422, "Unprocessable Content"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(431, "Request Header Fields Too Large"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(501, "Not Implemented"),
          Map.entry(502, "Bad Gateway"),
          Map.entry(503, "Service Unavailable"),
          Map.entry(504, "Gateway Timeout"),
          Map.entry(507, "Insufficient Storage"));

  private record Stamp(long second, String text) {}

  private static volatile Stamp stamp = new Stamp(-1, "");

  private AnswerHead() {}

  static byte[] bytes(
      int status, List<Header> headers, Framing framing, long length, boolean keepAlive) {
    var head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(status).append(' ').append(REASONS.getOrDefault(status, ""));
    head.append("\r\n");
    boolean dated = false;
    for (var header : headers) {
      dated |= header.is("date");
      line(head, header.name(), header.value());
    }
    if (!dated) {
      line(head, "date", date());
    }
    switch (framing) {
      case LENGTH -> line(head, "content-length", Long.toString(length));
      case CHUNKED -> line(head, "transfer-encoding", "chunked");
      // To HEAD: what GET would be told.
      case NONE -> {
        if (length >= 0) {
          line(head, "content-length", Long.toString(length));
        }
      }
      default -> {}
    }
    if (!keepAlive) {
      line(head, "connection", "close");
    }
    return Latin1.bytes(head.append("\r\n").toString());
  }

  /** Of a connection that leaves HTTP. */
  static byte[] switching(List<Header> headers) {
    var head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
    headers.forEach(header -> line(head, header.name(), header.value()));
    return Latin1.bytes(head.append("\r\n").toString());
  }

  private static void line(StringBuilder head, String name, String value) {
    head.append(name).append(": ").append(value).append("\r\n");
  }

  private static String date() {
    var now = Instant.now();
    var last = stamp;
    if (last.second != now.getEpochSecond()) {
      var text = DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC));
      last = new Stamp(now.getEpochSecond(), text);
      stamp = last;
    }
    return last.text;
  }
}
