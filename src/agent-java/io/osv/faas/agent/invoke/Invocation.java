package io.osv.faas.agent.invoke;

import io.osv.faas.Cancellation;
import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.host.Cpu;
import io.osv.faas.agent.host.Scope;
import io.osv.faas.agent.http.Exchange;
import io.osv.faas.agent.http.Timer;
import io.osv.faas.agent.load.Call;
import io.osv.faas.agent.load.Deployed;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One call of a function, from the slot that it takes to the slot that it gives back: when its
 * handler has returned <em>and</em> its answer is over. Package-private state is the loop's.
 */
public final class Invocation implements Call {
  boolean handlerSettled;
  boolean answerOver;
  boolean failed;
  /** Ignored its timeout; its slot is lost and the VM with it. */
  boolean abandoned;

  Timer timer;

  private final HostedFunction fn;
  private final Scope scope;
  private final Exchange exchange;
  private final long startedAt = System.nanoTime();
  private volatile boolean lasting;
  private volatile Cancellation cancellation;
  private Thread thread;
  private long cpuAtStart;
  private long cpuNanos;

  Invocation(HostedFunction fn, String requestId, Exchange exchange) {
    this.fn = fn;
    scope = fn.scope(requestId);
    this.exchange = exchange;
  }

  public HostedFunction hosted() {
    return fn;
  }

  /** What its threads work under. */
  Scope scope() {
    return scope;
  }

  @Override
  public Deployed fn() {
    return fn.deployed();
  }

  @Override
  public String requestId() {
    return scope.requestId();
  }

  @Override
  public Exchange exchange() {
    return exchange;
  }

  public long startedAt() {
    return startedAt;
  }

  public boolean hasFailed() {
    return failed;
  }

  public boolean isAbandoned() {
    return abandoned;
  }

  @Override
  public long remainingMs() {
    long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
    return fn.spec().timeoutMs() - passed;
  }

  /** An upgraded connection may outlive the function's timeout once it has begun. */
  boolean isLasting() {
    return lasting;
  }

  @Override
  public void makeLasting() {
    lasting = true;
  }

  @Override
  public Cancellation cancellation() {
    return cancellation;
  }

  /** Tells the function to end, by an interrupt of its thread. The first reason stays. */
  synchronized void cancel(Cancellation reason) {
    if (cancellation == null) {
      cancellation = reason;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  /** This thread works for the invocation from now on. */
  synchronized void enter() {
    thread = Thread.currentThread();
    cpuAtStart = Cpu.of(thread);
    if (cancellation != null) {
      thread.interrupt();
    }
  }

  /** The thread is free: an interrupt that came late is nobody's. */
  synchronized void leave() {
    cpuNanos = Cpu.of(thread) - cpuAtStart;
    thread = null;
    Thread.interrupted();
  }

  synchronized boolean isOn(Thread other) {
    return thread == other;
  }

  /** CPU of its thread so far. */
  public synchronized long cpuNanos() {
    return thread == null ? cpuNanos : Math.max(0, Cpu.of(thread) - cpuAtStart);
  }

  /** Fields of a log line about it. */
  Map<String, Object> fields() {
    return Map.of("function", fn.name(), "requestId", requestId());
  }
}
