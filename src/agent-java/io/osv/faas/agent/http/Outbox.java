package io.osv.faas.agent.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;

/** Bytes on their way to a client: any thread adds, the loop sends. */
final class Outbox {
  private static final int ENOUGH = 64 * 1024;
  private static final int PIECE = 64 * 1024;

  private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
  private long waiting;
  private boolean closed;

  /** True when the loop must be told. @throws IOException when the client has left */
  synchronized boolean add(byte[] bytes, int offset, int length) throws IOException {
    if (closed) {
      throw new IOException("the connection is closed");
    }
    boolean first = queue.isEmpty();
    if (length > 0) {
      queue.add(ByteBuffer.wrap(bytes, offset, length));
      waiting += length;
    }
    return first;
  }

  /** Waits while much waits to be sent. Not for the loop. */
  synchronized void awaitRoom() throws IOException {
    boolean interrupted = false;
    while (waiting > ENOUGH && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (closed) {
      throw new IOException("the connection is closed");
    }
  }

  /**
   * Sends what the client takes; true when nothing waits. In pieces: the JDK would copy a large one
   * whole at each try.
   */
  synchronized boolean flush(SocketChannel channel) throws IOException {
    while (!queue.isEmpty()) {
      var first = queue.element();
      int end = first.limit();
      int want = Math.min(PIECE, first.remaining());
      first.limit(first.position() + want);
      int sent = channel.write(first);
      first.limit(end);
      waiting -= sent;
      if (!first.hasRemaining()) {
        queue.remove();
      } else if (sent < want) {
        break;
      }
    }
    if (waiting <= ENOUGH) {
      notifyAll();
    }
    return queue.isEmpty();
  }

  synchronized void close() {
    closed = true;
    queue.clear();
    waiting = 0;
    notifyAll();
  }
}
