package io.osv.faas.agent.http;

import io.osv.faas.agent.Limits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Takes connections, as many as are allowed, and hands their requests to one listener on the loop. */
public final class Server implements Loop.Ready {
  private static final int BACKLOG = 512;
  private static final int READ_BYTES = 64 * 1024;
  /** Connections of a generic VM; a bound one has more, by its slots. */
  private static final int BASE_CONNECTIONS = 64;

  private static final int CONNECTIONS_PER_SLOT = 4;

  private final Loop loop;
  private final Service service;
  private final Set<Connection> connections = new HashSet<>();
  private int maxConnections = BASE_CONNECTIONS;
  private InetSocketAddress address;

  public Server(Loop loop, Limits limits, Consumer<Exchange> listener) {
    this.loop = loop;
    service = new Service(loop, limits, listener, ByteBuffer.allocateDirect(READ_BYTES));
  }

  /** Listens; port 0 is any. Before the loop runs. */
  public InetSocketAddress listen(InetSocketAddress at) throws IOException {
    var channel = ServerSocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    channel.bind(at, BACKLOG);
    channel.configureBlocking(false);
    channel.register(loop.selector, SelectionKey.OP_ACCEPT, this);
    address = (InetSocketAddress) channel.getLocalAddress();
    return address;
  }

  /** Room for what several gateways keep open to a VM of {@code slots}. */
  public void allowConnections(int slots) {
    maxConnections = BASE_CONNECTIONS + CONNECTIONS_PER_SLOT * slots;
  }

  @Override
  public void ready(SelectionKey key) throws IOException {
    var listening = (ServerSocketChannel) key.channel();
    for (var channel = listening.accept(); channel != null; channel = listening.accept()) {
      if (connections.size() >= maxConnections) {
        channel.close();
        continue;
      }
      var connection = new Connection(service, channel, connections::remove);
      connections.add(connection);
      connection.begin();
    }
  }
}
