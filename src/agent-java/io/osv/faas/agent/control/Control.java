package io.osv.faas.agent.control;

import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.Vm;
import io.osv.faas.agent.bind.Binder;
import io.osv.faas.agent.bind.LateBind;
import io.osv.faas.agent.http.Exchange;
import io.osv.faas.agent.http.Header;
import io.osv.faas.agent.http.Loop;
import io.osv.faas.agent.http.Problems;
import io.osv.faas.agent.invoke.Invoker;
import io.osv.faas.agent.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Answers every request that is not an invocation. Signatures and binds take a thread of their own:
 * the loop does not wait.
 */
public final class Control {
  private static final String PREFIX = "/.osv-faas/";

  private final Vm vm;
  private final Loop loop;
  private final Signature signature;
  private final Binder binder;
  private final int bindMs;
  private final ExecutorService threads = Executors.newCachedThreadPool(Control::thread);

  public Control(Vm vm, Loop loop, Signature signature, Binder binder, int bindMs) {
    this.vm = vm;
    this.loop = loop;
    this.signature = signature;
    this.binder = binder;
    this.bindMs = bindMs;
  }

  /** Takes no more calls that need a thread. */
  public void close() {
    threads.shutdown();
  }

  /** On the loop. */
  public void answer(Exchange exchange) {
    try {
      route(exchange);
    } catch (Refusal refusal) {
      refuse(exchange, refusal);
    }
  }

  private void route(Exchange exchange) {
    switch (exchange.head().target()) {
      case PREFIX + "health" -> {
        expect("GET", exchange);
        send(exchange, Map.of("status", "ok"));
      }
      case PREFIX + "state" -> {
        expect("GET", exchange);
        send(exchange, vm.state());
      }
      case PREFIX + "bind" -> {
        expect("POST", exchange);
        onThread(exchange, () -> bind(exchange));
      }
      case PREFIX + "drain" -> {
        expect("POST", exchange);
        onThread(exchange, () -> signed(exchange, this::drain));
      }
      case PREFIX + "meter" -> {
        expect("GET", exchange);
        onThread(exchange, () -> signed(exchange, () -> vm.reading(loop.idleNanos())));
      }
      default -> throw new Refusal(404, "RouteUnknown", "Neither an invocation nor a control call.");
    }
  }

  private static void expect(String method, Exchange exchange) {
    if (!exchange.head().method().equals(method)) {
      throw new Refusal(405, "MethodNotAllowed", "This control call is a " + method + ".");
    }
  }

  private void onThread(Exchange exchange, Supplier<Map<String, Object>> work) {
    threads.execute(
        () -> {
          try {
            send(exchange, work.get());
          } catch (Refusal refusal) {
            loop.execute(() -> refuse(exchange, refusal));
          } catch (RuntimeException e) {
            var refusal = new Refusal(500, "AgentError", "The agent failed: " + e);
            loop.execute(() -> refuse(exchange, refusal));
          }
        });
  }

  private Map<String, Object> bind(Exchange exchange) {
    var late =
        loop.call(() -> loop.after(bindMs, () -> exchange.body().fail(new LateBind(bindMs))));
    try {
      return binder.bind(exchange.body(), sha256 -> isSigned(exchange, sha256));
    } finally {
      loop.execute(late::cancel);
    }
  }

  private <T> T signed(Exchange exchange, Supplier<T> task) {
    if (!isSigned(exchange, Signature.EMPTY_SHA256)) {
      throw new Refusal(401, "SignatureInvalid", "The operator did not sign this call to this VM.");
    }
    return loop.call(task);
  }

  private boolean isSigned(Exchange exchange, String sha256) {
    var head = exchange.head();
    var given = head.one("osv-faas-signature");
    return signature.isOver(head.method(), head.target(), vm.id(), sha256, given);
  }

  private Map<String, Object> drain() {
    vm.drain();
    return vm.state();
  }

  private static void send(Exchange exchange, Map<String, Object> value) {
    var bytes = JsonWriter.write(value).getBytes(StandardCharsets.UTF_8);
    exchange.send(200, List.of(new Header("content-type", "application/json")), bytes);
  }

  private void refuse(Exchange exchange, Refusal refusal) {
    // Most of an unread body would otherwise be read for nothing.
    exchange.closeAfterwards();
    Map<String, Object> extra = refusal.status() == 409 ? Map.of("state", vm.state()) : Map.of();
    Problems.send(exchange, refusal, Invoker.requestIdOf(exchange.head()), extra);
  }

  private static Thread thread(Runnable task) {
    var thread = new Thread(task, "control");
    thread.setDaemon(true);
    return thread;
  }
}
