package io.osv.faas.agent.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A connection's socket and what waits to be sent on it. For the loop, but for what says otherwise. */
final class Transport {
  private final SocketChannel channel;
  private final Outbox outbox = new Outbox();
  private final String remoteAddress;
  private SelectionKey key;

  Transport(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    var address = (InetSocketAddress) channel.getRemoteAddress();
    remoteAddress = address == null ? "" : address.getAddress().getHostAddress();
  }

  void register(Loop loop, Loop.Ready ready) throws IOException {
    key = channel.register(loop.selector, SelectionKey.OP_READ, ready);
  }

  String remoteAddress() {
    return remoteAddress;
  }

  /** From any thread. True when the loop must flush. @throws IOException when it is closed */
  boolean send(byte[] bytes, int offset, int length) throws IOException {
    return outbox.add(bytes, offset, length);
  }

  /** From any thread but the loop. */
  void awaitRoom() throws IOException {
    outbox.awaitRoom();
  }

  /** Sends what the client takes; true when nothing waits. */
  boolean flush() throws IOException {
    boolean empty = outbox.flush(channel);
    if (key.isValid()) {
      int read = key.interestOps() & SelectionKey.OP_READ;
      key.interestOps(read | (empty ? 0 : SelectionKey.OP_WRITE));
    }
    return empty;
  }

  /** Empties and fills {@code input}; false at the end of what the client sends. */
  boolean read(ByteBuffer input) throws IOException {
    input.clear();
    int count = channel.read(input);
    input.flip();
    return count >= 0;
  }

  void wantsInput(boolean wanted) {
    if (key.isValid()) {
      int write = key.interestOps() & SelectionKey.OP_WRITE;
      key.interestOps(write | (wanted ? SelectionKey.OP_READ : 0));
    }
  }

  boolean isReadable() {
    return key.isValid() && key.isReadable();
  }

  boolean isWritable() {
    return key.isValid() && key.isWritable();
  }

  void endOutput() throws IOException {
    channel.shutdownOutput();
  }

  /** {@code hard}: in a way that no client takes for an answer's end. */
  void close(boolean hard) {
    outbox.close();
    try {
      if (hard) {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
      channel.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }
}
