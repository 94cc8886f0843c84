package io.osv.faas.agent.http;

import io.osv.faas.agent.Refusal;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * One client's connection: request after request, each answered before the next is read. For the
 * loop alone, but for what says otherwise.
 */
final class Connection implements Loop.Ready, Exchange.Carrier {
  /** Longer than any gateway keeps an idle connection, so that only gateways close them. */
  private static final long KEEP_ALIVE_MS = 75_000;
  /** For what is left of a request after its answer, before and after this side is closed. */
  private static final long LEFTOVER_MS = 5_000;
  /** And have so many bytes, for the sake of the next request. */
  private static final long MAX_DISCARDED = 1024 * 1024;

  private final Service service;
  private final Consumer<Connection> onClosed;
  private final Transport transport;
  private final HeadBuffer headBuffer;
  private Phase phase = Phase.HEAD;
  private final Deadline deadline;
  private Exchange exchange;
  private boolean served;
  /** Left HTTP. */
  private boolean raw;
  /** An upgraded connection whose client says no more. */
  private boolean inputEnded;
  private BodyDecoder decoder;
  /** Bytes of the next request, which came before the answer was over. */
  private ByteBuffer early = ByteBuffer.allocate(0);

  Connection(Service service, SocketChannel channel, Consumer<Connection> onClosed)
      throws IOException {
    this.service = service;
    this.onClosed = onClosed;
    transport = new Transport(channel);
    deadline = new Deadline(service.loop());
    headBuffer = new HeadBuffer(service.limits().headerBytes());
  }

  void begin() throws IOException {
    transport.register(service.loop(), this);
    awaitHead(service.limits().headersMs());
  }

  @Override
  public String remoteAddress() {
    return transport.remoteAddress();
  }

  @Override
  public Loop loop() {
    return service.loop();
  }

  @Override
  public void ready(SelectionKey selected) {
    try {
      if (transport.isWritable()) {
        flush();
      }
      if (transport.isReadable()) {
        read();
      }
    } catch (IOException e) {
      close();
    }
  }

  @Override
  public void send(byte[] bytes, int offset, int length) throws IOException {
    if (transport.send(bytes, offset, length)) {
      flushSoon();
    }
  }

  @Override
  public void awaitRoom() throws IOException {
    transport.awaitRoom();
  }

  @Override
  public void flushSoon() {
    service.loop().execute(this::flush);
  }

  @Override
  public void readRaw() {
    raw = true;
    decoder = BodyDecoders.raw();
    exchange.body().reopen();
    phase = Phase.BODY;
    consume(early);
    interest();
  }

  void close() {
    close(false);
  }

  @Override
  public void close(boolean hard) {
    if (phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.CLOSED;
    deadline.stop();
    onClosed.accept(this);
    transport.close(hard);
    if (exchange != null) {
      exchange.body().fail(new EOFException("the client has left"));
      exchange.finish(false);
    }
  }

  private void read() throws IOException {
    var input = service.input();
    if (transport.read(input)) {
      consume(input);
      interest();
    } else {
      clientEnded();
    }
  }

  private void consume(ByteBuffer input) {
    try {
      while (input.hasRemaining() && phase != Phase.CLOSED) {
        step(input);
      }
    } catch (Refusal malformed) {
      refuse(malformed);
    }
  }

  private void step(ByteBuffer input) {
    switch (phase) {
      case HEAD -> {
        if (headBuffer.isEmpty()) {
          awaitHead(service.limits().headersMs());
        }
        var head = headBuffer.take(input);
        if (head != null) {
          beginExchange(head, input);
        }
      }
      case BODY -> {
        if (decoder.decode(input, exchange.body())) {
          exchange.body().end();
          phase = Phase.ANSWER;
          flush();
        } else if (exchange.body().discarded() > MAX_DISCARDED && exchange.isOver()) {
          linger();
        }
      }
      case ANSWER -> keepForLater(input);
      default -> input.position(input.limit());
    }
  }

  private void beginExchange(Head head, ByteBuffer rest) {
    deadline.stop();
    var body = new BodyPipe(() -> service.loop().execute(this::interest));
    exchange = new Exchange(this, head, body);
    phase = Phase.BODY;
    boolean empty = !head.isChunked() && head.contentLength() == 0;
    if (empty) {
      body.end();
      phase = Phase.ANSWER;
    } else {
      decoder = BodyDecoders.of(head, service.limits().headerBytes());
      if (head.expectsContinue()) {
        sendNow(Latin1.bytes("HTTP/1.1 100 Continue\r\n\r\n"));
      }
    }
    service.listener().accept(exchange);
  }

  private void keepForLater(ByteBuffer input) {
    var all = ByteBuffer.allocate(early.remaining() + input.remaining());
    early = all.put(early).put(input).flip();
  }

  private void clientEnded() {
    if (raw && phase == Phase.BODY && !exchange.isEnded()) {
      inputEnded = true;
      exchange.body().end();
      interest();
    } else {
      close();
    }
  }

  private void flush() {
    if (phase == Phase.CLOSED) {
      return;
    }
    try {
      boolean complete = exchange != null && exchange.isEnded();
      boolean empty = transport.flush();
      if (empty && complete && !exchange.isOver()) {
        exchange.finish(true);
        exchange.body().discard();
        deadline.set(LEFTOVER_MS, this::linger);
      }
      if (exchange != null && exchange.isOver()) {
        afterAnswer();
      }
    } catch (IOException e) {
      close();
    }
  }

  private void afterAnswer() throws IOException {
    if (!exchange.keepsAlive()) {
      linger();
    } else if (phase == Phase.ANSWER) {
      exchange = null;
      served = true;
      phase = Phase.HEAD;
      awaitHead(KEEP_ALIVE_MS);
      var next = early;
      early = ByteBuffer.allocate(0);
      consume(next);
      interest();
    } else {
      interest();
    }
  }

  /** Closes our side and waits a little: a reset would take the answer from a client that still sends. */
  private void linger() {
    if (phase == Phase.LINGER || phase == Phase.CLOSED) {
      return;
    }
    phase = Phase.LINGER;
    deadline.set(LEFTOVER_MS, this::close);
    try {
      transport.endOutput();
      interest();
    } catch (IOException e) {
      close();
    }
  }

  /** Answers a request that cannot be read, in place of whoever had it. */
  private void refuse(Refusal refusal) {
    if (exchange == null) {
      exchange = new Exchange(this, new Head("GET", "", true, List.of()), new BodyPipe(() -> {}));
    }
    exchange.closeAfterwards();
    if (Problems.send(exchange, refusal, UUID.randomUUID().toString())) {
      exchange.body().fail(new IOException(refusal.getMessage()));
      phase = Phase.ANSWER;
      flush();
    } else {
      close();
    }
  }

  private void awaitHead(long ms) {
    deadline.set(ms, this::headTimeout);
  }

  private void headTimeout() {
    if (served && headBuffer.isEmpty()) {
      close();
    } else {
      refuse(new Refusal(408, "RequestTimeout", "The request came too slowly."));
    }
  }

  private void sendNow(byte[] bytes) {
    try {
      send(bytes, 0, bytes.length);
    } catch (IOException e) {
      close();
    }
  }

  private void interest() {
    transport.wantsInput(
        switch (phase) {
          case BODY -> !inputEnded && !exchange.body().isFull();
          case ANSWER -> early.remaining() < service.limits().headerBytes();
          default -> true;
        });
  }
}
