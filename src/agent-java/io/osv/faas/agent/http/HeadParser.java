package io.osv.faas.agent.http;

import io.osv.faas.agent.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a request's head (RFC 9112). Refuses whatever two servers could read differently: it
 * repairs nothing.
 */
final class HeadParser {
  private HeadParser() {}

  /** {@code bytes} are all up to the empty line. @throws Refusal 400 */
  static Head parse(byte[] bytes, int length) {
    var lines = new String(bytes, 0, length, StandardCharsets.ISO_8859_1).split("\r\n", -1);
    var words = lines[0].split(" ", -1);
    if (words.length != 3 || !Header.isToken(words[0]) || !isTarget(words[1])) {
      throw malformed("the request line is none");
    }
    if (!words[2].equals("HTTP/1.1") && !words[2].equals("HTTP/1.0")) {
      throw malformed("neither HTTP/1.1 nor HTTP/1.0");
    }
    var headers = new ArrayList<Header>(lines.length);
    for (int i = 1; i < lines.length; i++) {
      headers.add(header(lines[i]));
    }
    var head = new Head(words[0], words[1], words[2].equals("HTTP/1.1"), List.copyOf(headers));
    checkFraming(head);
    return head;
  }

  static Refusal malformed(String why) {
    return new Refusal(400, "RequestMalformed", "This is no HTTP: " + why + '.');
  }

  private static Header header(String line) {
    int colon = line.indexOf(':');
    if (colon < 1 || !Header.isToken(line.substring(0, colon))) {
      throw malformed("a header has no name, or one with signs that are not allowed");
    }
    var value = line.substring(colon + 1);
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f) {
        throw malformed("a header has control characters");
      }
    }
    return new Header(line.substring(0, colon), value.strip());
  }

  private static void checkFraming(Head head) {
    var lengths = head.all("content-length");
    var encodings = head.all("transfer-encoding");
    if (lengths.size() > 1 || !lengths.isEmpty() && !encodings.isEmpty()) {
      throw malformed("more than one length");
    }
    if (!lengths.isEmpty() && !lengths.get(0).matches("\\d{1,18}")) {
      throw malformed("the length is no number");
    }
    boolean chunked = encodings.size() == 1 && encodings.get(0).equalsIgnoreCase("chunked");
    if (!encodings.isEmpty() && !(chunked && head.is11())) {
      throw malformed("the only transfer coding is chunked");
    }
    if (head.all("host").size() > 1 || head.is11() && head.one("host") == null) {
      throw malformed("exactly one host expected");
    }
  }

  private static boolean isTarget(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) == 0x7f) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
