package io.osv.faas.agent.http;

/** Which decoder a connection's bytes need. */
final class BodyDecoders {
  private BodyDecoders() {}

  static BodyDecoder of(Head head, int lineBytes) {
    return head.isChunked() ? new ChunkedDecoder(lineBytes) : new LengthDecoder(head.contentLength());
  }

  /** All that comes until the connection's end: it does not speak HTTP any more. */
  static BodyDecoder raw() {
    return new LengthDecoder(Long.MAX_VALUE);
  }
}
