package io.osv.faas.agent.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/**
 * The body of a function's answer. Gathers small writes until {@code flush} or until the buffer is
 * full, and waits while the client does not read.
 */
public final class AnswerStream extends OutputStream {
  /** Where the pieces of an answer go; takes each array over. */
  interface Sink {
    /** Waits while the client does not read. @throws IOException when it has left */
    void write(byte[] piece) throws IOException;

    /** The last piece, after which the answer is whole. */
    void end(byte[] piece);

    /** Nothing was written: another answer may begin. */
    void withdraw();
  }

  private static final int BUFFER = 8 * 1024;
  /** Larger writes go out in such pieces, each a chunk. */
  private static final int PIECE = 64 * 1024;

  private static final byte[] NOTHING = {};

  private final Sink sink;
  private final Framing framing;
  private final long length;
  private final byte[] buffer = new byte[BUFFER];
  private byte[] head = NOTHING;
  private int size;
  private long written;
  private boolean closed;
  private String misfit;

  AnswerStream(Sink sink, Framing framing, long length) {
    this.sink = sink;
    this.framing = framing;
    this.length = length;
  }

  void head(byte[] bytes) {
    head = bytes;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, bytes.length);
    if (closed) {
      throw new IOException("the answer is over");
    }
    written += count;
    if (framing == Framing.LENGTH && written > length) {
      throw misfit("more bytes than");
    }
    if (framing == Framing.NONE) {
      return;
    }
    for (int at = offset, end = offset + count; at < end; ) {
      int part = Math.min(PIECE, end - at);
      if (size + part < BUFFER) {
        System.arraycopy(bytes, at, buffer, size, part);
        size += part;
      } else {
        send(gathered(bytes, at, part, NOTHING));
      }
      at += part;
    }
  }

  @Override
  public void flush() throws IOException {
    if (head.length > 0 || size > 0) {
      send(gathered(NOTHING, 0, 0, NOTHING));
    }
  }

  /**
   * The answer is whole; the sink says when its end goes out.
   *
   * @throws IOException when its length is not the one that it said, also if whoever wrote too much
   *     did not care
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    if (framing == Framing.LENGTH && written != length) {
      throw misfit(written < length ? "only " + written + " bytes of" : "more bytes than");
    }
    closed = true;
    var end = framing == Framing.CHUNKED ? Latin1.bytes("0\r\n\r\n") : NOTHING;
    sink.end(gathered(NOTHING, 0, 0, end));
  }

  /** What is wrong with the body's length; null for nothing. */
  public String misfit() {
    return misfit;
  }

  /** Takes the answer back if nothing of it is out, so that the client can be told why there is none. */
  public void withdraw() {
    if (head.length > 0 && !closed) {
      closed = true;
      sink.withdraw();
    }
  }

  private IOException misfit(String what) {
    misfit = what + " its content-length of " + length;
    return new IOException(misfit);
  }

  private void send(byte[] piece) throws IOException {
    sink.write(piece);
  }

  /** Head, what was gathered, {@code count} bytes more, and {@code tail}, in one piece. */
  private byte[] gathered(byte[] more, int offset, int count, byte[] tail) {
    int content = size + count;
    boolean chunk = framing == Framing.CHUNKED && content > 0;
    var before = Latin1.bytes(chunk ? Integer.toHexString(content) + "\r\n" : "");
    var after = Latin1.bytes(chunk ? "\r\n" : "");
    var all = new byte[head.length + before.length + content + after.length + tail.length];
    int at = put(all, 0, head, 0, head.length);
    at = put(all, at, before, 0, before.length);
    at = put(all, at, buffer, 0, size);
    at = put(all, at, more, offset, count);
    at = put(all, at, after, 0, after.length);
    put(all, at, tail, 0, tail.length);
    head = NOTHING;
    size = 0;
    return all;
  }

  private static int put(byte[] target, int at, byte[] source, int offset, int count) {
    System.arraycopy(source, offset, target, at, count);
    return at + count;
  }
}
