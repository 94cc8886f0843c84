package io.osv.faas.agent;

import io.osv.faas.agent.host.Cpu;
import io.osv.faas.agent.host.WorkerThread;
import io.osv.faas.agent.invoke.Invocation;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What functions used. An invocation has a thread of its own, so its CPU is that thread's: nothing
 * is shared out. Threads that user code starts count as their function's, from reading to reading.
 * For the loop alone.
 */
public final class Meter {
  private static final double NS_PER_MS = 1e6;

  private static final class Account {
    long invocations;
    long errors;
    long cpuNanos;
    long wallNanos;
    final Map<Thread, Long> own = new HashMap<>();
  }

  private final Map<HostedFunction, Account> accounts = new HashMap<>();
  private long cpuBeforeBind = -1;
  private long boundAt;

  void markBound() {
    cpuBeforeBind = Cpu.ofProcess();
    boundAt = System.nanoTime();
  }

  public void begin(HostedFunction fn) {
    account(fn).invocations++;
  }

  public void end(Invocation invocation) {
    var account = account(invocation.hosted());
    account.cpuNanos += invocation.cpuNanos();
    account.wallNanos += System.nanoTime() - invocation.startedAt();
    account.errors += invocation.hasFailed() ? 1 : 0;
  }

  /** As the protocol's MeterReading, but for which VM it is; {@code idleNanos} of the loop since its start. */
  Map<String, Object> read(
      Collection<HostedFunction> functions, Collection<Invocation> running, long idleNanos) {
    long cpu = Cpu.ofProcess();
    var reading = new LinkedHashMap<String, Object>();
    reading.put("cpuMs", cpu / NS_PER_MS);
    reading.put("cpuBeforeBindMs", (cpuBeforeBind < 0 ? cpu : cpuBeforeBind) / NS_PER_MS);
    reading.put("eventLoopUtilization", utilization(idleNanos));
    var runtime = Runtime.getRuntime();
    reading.put("heapBytes", runtime.totalMemory() - runtime.freeMemory());
    reading.put("functions", functions.stream().map(fn -> readOne(fn, running)).toList());
    return reading;
  }

  private Map<String, Object> readOne(HostedFunction fn, Collection<Invocation> running) {
    var account = account(fn);
    sampleOwnThreads(fn, account);
    long unfinished =
        running.stream()
            .filter(invocation -> invocation.hosted() == fn)
            .mapToLong(Invocation::cpuNanos)
            .sum();
    var reading = new LinkedHashMap<String, Object>();
    reading.put("name", fn.name());
    reading.put("invocations", account.invocations);
    reading.put("errors", account.errors);
    reading.put("cpuMs", (account.cpuNanos + unfinished) / NS_PER_MS);
    reading.put("wallMs", account.wallNanos / NS_PER_MS);
    return reading;
  }

  /** What a thread used after the last reading, before it ended, is lost to its function (not to the VM). */
  private static void sampleOwnThreads(HostedFunction fn, Account account) {
    var threads = new Thread[fn.group().activeCount() + 8];
    int count = fn.group().enumerate(threads);
    account.own.keySet().removeIf(thread -> !thread.isAlive());
    for (int i = 0; i < count; i++) {
      if (!(threads[i] instanceof WorkerThread)) {
        long now = Cpu.of(threads[i]);
        Long before = account.own.put(threads[i], now);
        account.cpuNanos += Math.max(0, now - (before == null ? 0 : before));
      }
    }
  }

  private double utilization(long idleNanos) {
    long up = System.nanoTime() - boundAt;
    return cpuBeforeBind < 0 || up <= 0 ? 0 : Math.min(1, Math.max(0, 1 - (double) idleNanos / up));
  }

  private Account account(HostedFunction fn) {
    return accounts.computeIfAbsent(fn, name -> new Account());
  }
}
