package io.osv.faas;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** A connection that a client wants to use for another protocol than HTTP. */
public interface Connection {
  /** Answers {@code 101 Switching Protocols}; before that, {@link #output} is still HTTP. */
  void accept(String protocol, Map<String, String> headers) throws IOException;

  /** What the client sends after its request; ends when it closes its side. */
  InputStream input();

  /** Each write is sent at once; it waits while the client does not read. */
  OutputStream output();
}
