package io.osv.faas;

import java.io.IOException;
import java.io.OutputStream;

/** A body that is written while it is sent. */
@FunctionalInterface
public interface Body {
  /** {@code out} sends at {@code flush()} and whenever its buffer is full; it waits while the client does not read. */
  void writeTo(OutputStream out) throws Exception;

  /** These bytes, whose number is known. */
  record Bytes(byte[] bytes) implements Body {
    @Override
    public void writeTo(OutputStream out) throws IOException {
      out.write(bytes);
    }
  }
}
