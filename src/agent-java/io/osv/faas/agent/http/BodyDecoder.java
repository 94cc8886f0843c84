package io.osv.faas.agent.http;

import java.nio.ByteBuffer;

/** Finds a body's bytes among those of a connection. */
interface BodyDecoder {
  /** Moves what is there of the body to {@code body}; true when that was its end. @throws Refusal 400 */
  boolean decode(ByteBuffer in, BodyPipe body);

  static BodyDecoder of(Head head, int lineBytes) {
    return head.isChunked() ? new ChunkedDecoder(lineBytes) : new LengthDecoder(head.contentLength());
  }

  /** All that comes until the connection's end: it does not speak HTTP any more. */
  static BodyDecoder raw() {
    return new LengthDecoder(Long.MAX_VALUE);
  }
}
