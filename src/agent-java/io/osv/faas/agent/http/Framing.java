package io.osv.faas.agent.http;

/** How an answer's end is told. */
enum Framing {
  /** There is no body, whatever the headers say. */
  NONE,
  LENGTH,
  CHUNKED,
  /** To a client of HTTP/1.0, which knows no chunks. */
  UNTIL_CLOSE;

  static Framing of(Head head, boolean bodyless, long length) {
    if (bodyless) {
      return NONE;
    }
    if (length >= 0) {
      return LENGTH;
    }
    return head.is11() ? CHUNKED : UNTIL_CLOSE;
  }
}
