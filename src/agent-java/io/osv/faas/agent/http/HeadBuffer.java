package io.osv.faas.agent.http;

import io.osv.faas.agent.Refusal;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Collects the bytes of one head. */
final class HeadBuffer {
  private static final int FIRST = 1024;

  private final int max;
  private byte[] bytes = new byte[FIRST];
  private int size;

  HeadBuffer(int max) {
    this.max = max;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Takes bytes up to the head's end; null while it has not come. @throws Refusal 400, 431 */
  Head take(ByteBuffer in) {
    while (in.hasRemaining()) {
      byte b = in.get();
      if (size == 0 && (b == '\r' || b == '\n')) {
        continue; // Empty lines before a request are passed over (RFC 9112, 2.2).
      }
      append(b);
      if (b == '\n' && endsHead()) {
        var head = HeadParser.parse(bytes, size - 4);
        size = 0;
        return head;
      }
    }
    return null;
  }

  private void append(byte b) {
    if (size >= max) {
      throw new Refusal(
          431, "HeadersTooLarge", "The request's headers are longer than " + max + " bytes.");
    }
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(2 * size, max));
    }
    bytes[size++] = b;
  }

  private boolean endsHead() {
    if (size < 2 || bytes[size - 2] != '\r') {
      throw HeadParser.malformed("a line ends without a carriage return");
    }
    return size >= 4 && bytes[size - 3] == '\n' && bytes[size - 4] == '\r';
  }
}
