package io.osv.faas.agent.invoke;

import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.host.Scope;
import io.osv.faas.agent.http.Exchange;
import io.osv.faas.agent.http.Head;
import io.osv.faas.agent.http.Problems;
import java.util.UUID;

/** Answers invocations: admits them on the loop, runs the handler on a thread of the function's. */
public final class Invoker {
  private final Book book;
  private final Runnable endLines;

  /** {@code endLines} ends what the calling thread has begun to print. */
  public Invoker(Book book, Runnable endLines) {
    this.book = book;
    this.endLines = endLines;
  }

  /** On the loop. */
  public void invoke(Exchange exchange) {
    var requestId = requestIdOf(exchange.head());
    HostedFunction fn;
    try {
      fn = Admission.admit(book.vm(), exchange.head());
    } catch (Refusal refusal) {
      Problems.send(exchange, refusal, requestId);
      return;
    }
    var invocation = book.open(fn, requestId, exchange);
    try {
      fn.execute(() -> run(invocation));
    } catch (OutOfMemoryError noThread) {
      book.failed(invocation, new Refusal(500, "AgentError", "No thread could be started."));
    }
  }

  /** The gateway's id, or a new one for whoever calls without. */
  public static String requestIdOf(Head head) {
    var given = head.one("osv-faas-request-id");
    return given == null || given.isEmpty() ? UUID.randomUUID().toString() : given;
  }

  private void run(Invocation invocation) {
    var failure = call(invocation);
    invocation
        .exchange()
        .loop()
        .execute(
            () -> {
              if (failure == null) {
                book.settled(invocation);
                invocation.exchange().release();
              } else {
                book.failed(invocation, failure);
              }
            });
  }

  /** What the handler threw, or null. */
  private Throwable call(Invocation invocation) {
    Scope.enter(invocation.scope());
    invocation.enter();
    try {
      var handler = invocation.hosted().load();
      if (invocation.cancellation() == null) {
        handler.call(invocation);
      }
      return null;
    } catch (Throwable error) {
      return error;
    } finally {
      endLines.run();
      invocation.leave();
      Scope.enter(invocation.hosted().scope(null));
    }
  }
}
