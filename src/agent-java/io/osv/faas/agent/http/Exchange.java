package io.osv.faas.agent.http;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A request and its answer. Exactly one begins the answer: the function's thread, or the loop that
 * refuses in its place.
 */
public final class Exchange {
  /** The connection, as far as an exchange needs it. From any thread, but for what says otherwise. */
  interface Carrier {
    Loop loop();

    String remoteAddress();

    /** @throws IOException when the connection is closed */
    void send(byte[] bytes, int offset, int length) throws IOException;

    /** Waits while much waits to be sent. Not for the loop. */
    void awaitRoom() throws IOException;

    void flushSoon();

    /** See {@link Exchange#readRaw}. On the loop. */
    void readRaw();

    /** {@code hard}: in a way that no client takes for an answer's end. On the loop. */
    void close(boolean hard);
  }

  private enum Answer {
    NONE,
    BEGUN,
    ENDED
  }

  /** On the loop, once: the answer was sent in full ({@code complete}), or the connection ended. */
  public interface Over {
    void over(boolean complete);
  }

  private final Carrier connection;
  private final Head head;
  private final BodyPipe body;
  private final AtomicReference<Answer> answer = new AtomicReference<>(Answer.NONE);
  private volatile boolean keepAlive;
  private volatile boolean untilClose;
  private volatile byte[] last;
  private Over over = complete -> {};
  private boolean isOver;

  Exchange(Carrier connection, Head head, BodyPipe body) {
    this.connection = connection;
    this.head = head;
    this.body = body;
    keepAlive = head.keepAlive();
  }

  public Head head() {
    return head;
  }

  public BodyPipe body() {
    return body;
  }

  /** Address of who connected. */
  public String remoteAddress() {
    return connection.remoteAddress();
  }

  public Loop loop() {
    return connection.loop();
  }

  public void onOver(Over listener) {
    over = listener;
  }

  public boolean isOver() {
    return isOver;
  }

  public boolean isBegun() {
    return answer.get() != Answer.NONE;
  }

  /** The connection is closed behind this answer. */
  public void closeAfterwards() {
    keepAlive = false;
  }

  /**
   * Begins the answer; {@code length} is -1 when it is not known.
   *
   * @throws IOException when it is over already
   */
  public AnswerStream begin(int status, List<Header> headers, long length) throws IOException {
    if (!answer.compareAndSet(Answer.NONE, Answer.BEGUN)) {
      throw new IOException("the answer is over");
    }
    boolean none = status == 204 || status == 304;
    boolean bodyless = none || head.method().equals("HEAD");
    var framing = Framing.of(head, bodyless, length);
    untilClose = framing == Framing.UNTIL_CLOSE;
    keepAlive &= !untilClose;
    var stream = new AnswerStream(new Pieces(), framing, length);
    stream.head(AnswerHead.bytes(status, headers, framing, none ? -1 : length, keepAlive));
    return stream;
  }

  /** A whole answer. Does not wait, so the loop may send it; false when another has begun. */
  public boolean send(int status, List<Header> headers, byte[] bytes) {
    if (!answer.compareAndSet(Answer.NONE, Answer.BEGUN)) {
      return false;
    }
    boolean bodyless = head.method().equals("HEAD");
    var top = AnswerHead.bytes(status, headers, Framing.LENGTH, bytes.length, keepAlive);
    try {
      connection.send(top, 0, top.length);
      connection.send(bytes, 0, bodyless ? 0 : bytes.length);
    } catch (IOException gone) {
      // The connection says so itself.
    }
    ended();
    return true;
  }

  private void beginRaw() throws IOException {
    if (!answer.compareAndSet(Answer.NONE, Answer.BEGUN)) {
      throw new IOException("the answer is over");
    }
    keepAlive = false;
  }

  /** Bytes of an upgraded connection; waits while the client does not read. */
  public void sendRaw(byte[] bytes, int offset, int length) throws IOException {
    if (answer.get() == Answer.NONE) {
      beginRaw();
    }
    connection.send(Arrays.copyOfRange(bytes, offset, offset + length), 0, length);
    connection.awaitRoom();
  }

  /** Reads whatever follows the head as the body, to the connection's end. On the loop. */
  public void readRaw() {
    connection.readRaw();
  }

  /** Sends the end of an answer that is whole. On the loop. */
  public void release() {
    if (last != null && answer.get() == Answer.BEGUN) {
      try {
        connection.send(last, 0, last.length);
      } catch (IOException gone) {
        // The connection says so itself.
      }
      ended();
    }
  }

  private void ended() {
    answer.set(Answer.ENDED);
    connection.flushSoon();
  }

  /** Ends an upgraded connection. */
  public void endRaw() {
    last = new byte[0];
  }

  /** Breaks the connection: the client must not take half an answer for a whole one. */
  public void abort() {
    loop().execute(() -> connection.close(untilClose));
  }

  /** The function has said all; the client may not have it yet. */
  public boolean isEnded() {
    return answer.get() == Answer.ENDED;
  }

  /** The head by which a connection leaves HTTP. */
  public byte[] switching(List<Header> headers) {
    return AnswerHead.switching(headers);
  }

  boolean keepsAlive() {
    return keepAlive;
  }

  /** On the loop. */
  void finish(boolean complete) {
    if (!isOver) {
      isOver = true;
      over.over(complete);
    }
  }

  private final class Pieces implements AnswerStream.Sink {
    @Override
    public void write(byte[] piece) throws IOException {
      connection.send(piece, 0, piece.length);
      connection.awaitRoom();
    }

    /** Kept until {@link #release}: whoever sees an answer's end may count on a free slot. */
    @Override
    public void end(byte[] piece) {
      last = piece;
    }

    @Override
    public void withdraw() {
      untilClose = false;
      answer.compareAndSet(Answer.BEGUN, Answer.NONE);
    }
  }
}
