package io.osv.faas.agent.invoke;

import io.osv.faas.Cancellation;
import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.Vm;
import io.osv.faas.agent.host.Log;
import io.osv.faas.agent.http.Exchange;
import io.osv.faas.agent.http.Loop;
import io.osv.faas.agent.http.Problems;
import io.osv.faas.agent.load.LoadFailure;
import java.io.IOException;
import java.util.HashMap;

/**
 * Keeps every running invocation from slot to slot: opens it with its timeout, ends its answer when
 * it fails, frees the slot when handler and answer are over. A handler that ignores its timeout
 * keeps its slot, so that slots are never exceeded; after the grace the VM is given up instead. For
 * the loop alone.
 */
public final class Book {
  private final Vm vm;
  private final Log log;
  private final Loop loop;
  private final int graceMs;
  private final Runnable onClosed;

  public Book(Vm vm, Log log, Loop loop, int graceMs, Runnable onClosed) {
    this.vm = vm;
    this.log = log;
    this.loop = loop;
    this.graceMs = graceMs;
    this.onClosed = onClosed;
  }

  Vm vm() {
    return vm;
  }

  /** Takes a slot; the caller has seen that one is free. */
  Invocation open(HostedFunction fn, String requestId, Exchange exchange) {
    var invocation = new Invocation(fn, requestId, exchange);
    vm.meter().begin(fn);
    vm.running().add(invocation);
    invocation.timer = loop.after(fn.spec().timeoutMs(), () -> timeOut(invocation));
    exchange.onOver(complete -> answerOver(invocation, complete));
    return invocation;
  }

  /** The handler is done and has said all that it had to say. */
  void settled(Invocation invocation) {
    invocation.handlerSettled = true;
    closeWhenOver(invocation);
  }

  /** The handler failed: a problem for the client, the error itself for the log. */
  void failed(Invocation invocation, Throwable error) {
    if (!invocation.answerOver) {
      var refusal = Failures.refusalOf(error);
      logFailure(invocation, refusal, error);
      refuse(invocation, refusal);
    }
    settled(invocation);
  }

  /** Ends the answer, if it is not over, with a problem; breaks the connection of one that has begun. */
  void refuse(Invocation invocation, Refusal refusal) {
    invocation.failed = true;
    if (!invocation.answerOver && !invocation.exchange().isEnded()) {
      cutOff(invocation, refusal);
    }
  }

  private void cutOff(Invocation invocation, Refusal refusal) {
    var exchange = invocation.exchange();
    if (!Problems.send(exchange, refusal, invocation.requestId())) {
      exchange.abort();
    }
    exchange.body().fail(new IOException("the invocation is over"));
  }

  private void answerOver(Invocation invocation, boolean complete) {
    invocation.answerOver = true;
    if (!complete) {
      invocation.cancel(Cancellation.CLIENT_LEFT);
    }
    if (invocation.isLasting() && invocation.remainingMs() < 0) {
      giveGrace(invocation);
    }
    closeWhenOver(invocation);
  }

  private void timeOut(Invocation invocation) {
    if (invocation.isLasting() && invocation.exchange().isBegun()) {
      return;
    }
    var detail = "The function did not finish within " + invocation.fn().spec().timeoutMs() + " ms.";
    invocation.failed = true;
    if (!invocation.answerOver) {
      cutOff(invocation, Refusal.ofFunction(504, "FunctionTimeout", detail));
    }
    invocation.cancel(Cancellation.TIMEOUT);
    giveGrace(invocation);
  }

  private void giveGrace(Invocation invocation) {
    invocation.timer.cancel();
    if (vm.running().contains(invocation)) {
      invocation.timer = loop.after(graceMs, () -> abandon(invocation));
    }
  }

  private void abandon(Invocation invocation) {
    invocation.abandoned = true;
    log.error("the function ignores its timeout", invocation.fields());
    vm.markBroken(
        invocation.fn().name() + " did not end within " + graceMs + " ms of its timeout");
    onClosed.run();
  }

  private void closeWhenOver(Invocation invocation) {
    boolean over = invocation.handlerSettled && invocation.answerOver;
    if (over && vm.running().remove(invocation)) {
      invocation.timer.cancel();
      vm.meter().end(invocation);
      onClosed.run();
    }
  }

  private void logFailure(Invocation invocation, Refusal refusal, Throwable error) {
    var fields = new HashMap<>(invocation.fields());
    fields.put("reason", refusal.reason());
    if (error instanceof Refusal || error instanceof LoadFailure) {
      // Said in full already, when it failed to load, or here: an answer that has begun cannot.
      fields.put("detail", refusal.getMessage());
      log.info("the invocation was refused", fields);
    } else {
      fields.put("error", error);
      log.error("the function failed", fields);
    }
  }
}
