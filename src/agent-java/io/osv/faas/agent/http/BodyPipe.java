package io.osv.faas.agent.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;

/**
 * A request's body between the loop, which never waits, and one thread that reads. When more than
 * {@link #ENOUGH} bytes wait, the loop reads no more until some are taken.
 */
public final class BodyPipe extends InputStream {
  static final int ENOUGH = 64 * 1024;

  private final ArrayDeque<ByteBuffer> chunks = new ArrayDeque<>();
  private final Runnable onRoom;
  private int waiting;
  private boolean ended;
  private boolean discarding;
  private long discarded;
  private IOException failure;

  BodyPipe(Runnable onRoom) {
    this.onRoom = onRoom;
  }

  synchronized void push(ByteBuffer in, int count) {
    if (discarding || failure != null) {
      in.position(in.position() + count);
      discarded += count;
    } else if (count > 0) {
      var copy = new byte[count];
      in.get(copy);
      chunks.add(ByteBuffer.wrap(copy));
      waiting += count;
      notifyAll();
    }
  }

  synchronized boolean isFull() {
    return waiting > ENOUGH;
  }

  /** More comes after all: the connection leaves HTTP. */
  synchronized void reopen() {
    ended = false;
  }

  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Nobody reads this any more: what comes is dropped. */
  synchronized void discard() {
    discarding = true;
    chunks.clear();
    waiting = 0;
  }

  synchronized long discarded() {
    return discarded;
  }

  /** Whoever reads gets this instead of more. The first failure stays. */
  public synchronized void fail(IOException cause) {
    if (failure == null) {
      failure = cause;
      chunks.clear();
      notifyAll();
    }
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    int count;
    boolean makesRoom;
    synchronized (this) {
      if (length == 0 || !awaitBytes()) {
        return length == 0 ? 0 : -1;
      }
      var first = chunks.element();
      count = Math.min(length, first.remaining());
      first.get(target, offset, count);
      if (!first.hasRemaining()) {
        chunks.remove();
      }
      makesRoom = waiting > ENOUGH && waiting - count <= ENOUGH;
      waiting -= count;
    }
    if (makesRoom) {
      onRoom.run();
    }
    return count;
  }

  @Override
  public synchronized int available() {
    return waiting;
  }

  /** False at the end. Interrupts are kept for later: the loop ends every wait whose invocation is over. */
  private boolean awaitBytes() throws IOException {
    boolean interrupted = false;
    while (chunks.isEmpty() && !ended && failure == null && !discarding) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
    return !chunks.isEmpty();
  }
}
