package io.osv.faas.agent.http;

import java.nio.charset.StandardCharsets;

/** The only text that HTTP itself knows: a byte a character. */
final class Latin1 {
  private Latin1() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
