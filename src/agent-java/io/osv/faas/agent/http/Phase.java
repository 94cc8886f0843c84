package io.osv.faas.agent.http;

/** Where a connection stands. */
enum Phase {
  HEAD,
  BODY,
  /** The body is over, the answer not. */
  ANSWER,
  /** All is said; what still comes is dropped until the client closes. */
  LINGER,
  CLOSED
}
