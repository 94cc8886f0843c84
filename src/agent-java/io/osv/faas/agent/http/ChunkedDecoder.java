package io.osv.faas.agent.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A body in chunks (RFC 9112, 7.1). Extensions and trailers are passed over. */
final class ChunkedDecoder implements BodyDecoder {
  private enum Part {
    SIZE,
    DATA,
    DATA_END,
    TRAILER
  }

  private final int maxLine;
  private final StringBuilder line = new StringBuilder();
  private Part part = Part.SIZE;
  private long missing;
  private int trailerBytes;

  ChunkedDecoder(int maxLine) {
    this.maxLine = maxLine;
  }

  @Override
  public boolean decode(ByteBuffer in, BodyPipe body) {
    while (in.hasRemaining()) {
      if (part == Part.DATA) {
        int count = (int) Math.min(missing, in.remaining());
        body.push(in, count);
        missing -= count;
        part = missing == 0 ? Part.DATA_END : Part.DATA;
      } else if (completesLine((char) (in.get() & 0xff)) && isEnd()) {
        return true;
      }
    }
    return false;
  }

  private boolean completesLine(char c) {
    if (c != '\n') {
      if (line.length() >= maxLine) {
        throw HeadParser.malformed("a line between chunks is too long");
      }
      line.append(c);
      return false;
    }
    int last = line.length() - 1;
    if (last < 0 || line.charAt(last) != '\r' || line.indexOf("\r") != last) {
      throw HeadParser.malformed("a line between chunks ends wrongly");
    }
    line.setLength(last);
    return true;
  }

  /** Acts on the line that is complete. */
  private boolean isEnd() {
    var text = line.toString();
    line.setLength(0);
    switch (part) {
      case SIZE -> {
        missing = sizeOf(text);
        part = missing == 0 ? Part.TRAILER : Part.DATA;
      }
      case DATA_END -> {
        if (!text.isEmpty()) {
          throw HeadParser.malformed("a chunk is longer than it says");
        }
        part = Part.SIZE;
      }
      default -> {
        trailerBytes += text.getBytes(StandardCharsets.ISO_8859_1).length;
        if (trailerBytes > maxLine) {
          throw HeadParser.malformed("the trailers are too long");
        }
        return text.isEmpty();
      }
    }
    return false;
  }

  private static long sizeOf(String text) {
    int end = text.indexOf(';');
    var digits = (end < 0 ? text : text.substring(0, end)).stripTrailing();
    if (!digits.matches("[0-9a-fA-F]{1,15}")) {
      throw HeadParser.malformed("the size of a chunk is no number");
    }
    return Long.parseLong(digits, 16);
  }
}
