package io.osv.faas;

/** Why an invocation should end early. */
public enum Cancellation {
  /** The function's timeout has passed; the client has got a 504. */
  TIMEOUT,
  /** Nobody waits for the answer any more. */
  CLIENT_LEFT,
  /** The invocation failed: in another thread, or with its VM. */
  FAILED
}
