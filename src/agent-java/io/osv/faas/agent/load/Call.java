package io.osv.faas.agent.load;

import io.osv.faas.Cancellation;
import io.osv.faas.agent.http.Exchange;

/** One invocation, as its handler has it. */
public interface Call {
  Deployed fn();

  String requestId();

  Exchange exchange();

  /** Milliseconds to the timeout; negative afterwards. */
  long remainingMs();

  /** Null while it may go on. */
  Cancellation cancellation();

  /** It has left HTTP, and may outlive the function's timeout once it has begun. */
  void makeLasting();
}
