package io.osv.faas.agent.invoke;

import io.osv.faas.Cancellation;
import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.host.Log;
import io.osv.faas.agent.host.Scope;
import io.osv.faas.agent.load.LoadFailure;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides who pays for what user code did outside of its handlers: one invocation, a load, or the
 * VM. For the loop alone.
 */
public final class Guard {
  private final Book book;
  private final Log log;

  public Guard(Book book, Log log) {
    this.book = book;
    this.log = log;
  }

  /** An error that ended a thread; {@code scope} is the thread's. */
  public void uncaught(Throwable error, Scope scope) {
    if (scope != null && scope.requestId() != null) {
      failInvocation(scope, error);
      return;
    }
    var fn = scope == null ? null : functionOf(scope);
    if (fn != null && fn.failLoad(LoadFailure.of(error))) {
      log.error("the function cannot be loaded", Map.of("function", fn.name(), "error", error));
    } else {
      crash(error, fn);
    }
  }

  /**
   * User code has called {@code System.exit}; its thread stays in the call. False when the caller is
   * not user code.
   */
  public boolean exited(Thread caller) {
    var fn = ownerOf(caller);
    if (fn == null) {
      return false;
    }
    var exit = Refusal.ofFunction(500, "FunctionExited", "The function called System.exit.");
    log.error("user code wants to end the process", Map.of("function", fn.name()));
    book.vm().markBroken(exit.getMessage());
    boolean loading = fn.failLoad(new LoadFailure("LoadFailed", "System.exit was called", exit));
    var callers = running().stream().filter(invocation -> invocation.isOn(caller)).toList();
    if (callers.isEmpty() && !loading) {
      endAll(fn, exit);
    }
    callers.forEach(invocation -> book.failed(invocation, exit));
    return true;
  }

  private HostedFunction ownerOf(Thread thread) {
    var binding = book.vm().binding();
    var group = thread.getThreadGroup();
    if (binding == null || group == null) {
      return null;
    }
    return binding.functions().values().stream()
        .filter(fn -> fn.group().parentOf(group))
        .findFirst()
        .orElse(null);
  }

  private HostedFunction functionOf(Scope scope) {
    var binding = book.vm().binding();
    return binding == null ? null : binding.functions().get(scope.function());
  }

  private void failInvocation(Scope scope, Throwable error) {
    var unanswered =
        running().stream()
            .filter(invocation -> invocation.scope() == scope && !invocation.answerOver)
            .findFirst();
    if (unanswered.isPresent()) {
      book.failed(unanswered.get(), error);
      unanswered.get().cancel(Cancellation.FAILED);
    } else {
      log.error(
          "the function failed after its answer",
          Map.of("function", scope.function(), "requestId", scope.requestId(), "error", error));
    }
  }

  /** Nobody's error: what it left behind is unknown, so the VM goes and its invocations end now. */
  private void crash(Throwable error, HostedFunction fn) {
    var fields = new HashMap<String, Object>();
    fields.put("error", error);
    if (fn != null) {
      fields.put("function", fn.name());
    }
    log.error("user code failed outside of any invocation", fields);
    book.vm().markBroken("user code failed outside of any invocation: " + error);
    var detail = "Code of this application failed outside of any invocation; its log says why.";
    endAll(fn, Refusal.ofFunction(500, "FunctionCrashed", detail));
  }

  /** Ends the invocations of {@code fn}, or every one. */
  private void endAll(HostedFunction fn, Refusal refusal) {
    for (var invocation : running()) {
      if (fn == null || invocation.hosted() == fn) {
        book.refuse(invocation, refusal);
        invocation.cancel(Cancellation.FAILED);
        book.settled(invocation);
      }
    }
  }

  private List<Invocation> running() {
    return List.copyOf(book.vm().running());
  }
}
