package io.osv.faas.agent.invoke;

import io.osv.faas.Connection;
import io.osv.faas.agent.http.Exchange;
import io.osv.faas.agent.http.Header;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Map;

/** A connection that leaves HTTP, as its function sees it. */
final class RawConnection extends OutputStream implements Connection {
  private final Exchange exchange;

  RawConnection(Exchange exchange) {
    this.exchange = exchange;
    exchange.loop().call(
        () -> {
          exchange.readRaw();
          return null;
        });
  }

  @Override
  public void accept(String protocol, Map<String, String> headers) throws IOException {
    var all = new ArrayList<Header>();
    all.add(new Header("connection", "upgrade"));
    all.add(Answer.checked(new Header("upgrade", protocol)));
    headers.forEach((name, value) -> all.add(Answer.checked(new Header(name, value))));
    write(exchange.switching(all));
  }

  @Override
  public InputStream input() {
    return exchange.body();
  }

  @Override
  public OutputStream output() {
    return this;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    exchange.sendRaw(bytes, offset, length);
  }

  void end() {
    exchange.endRaw();
  }
}
