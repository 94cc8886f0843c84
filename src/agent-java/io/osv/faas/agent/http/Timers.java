package io.osv.faas.agent.http;

import java.util.Comparator;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** What the loop does later. For its thread alone. */
final class Timers {
  private final TreeSet<Timer> open =
      new TreeSet<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
  private long numbers;

  Timer after(long ms, Runnable task) {
    long at = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    var timer = new Timer(this::cancel, at, numbers++, task);
    open.add(timer);
    return timer;
  }

  private void cancel(Timer timer) {
    open.remove(timer);
  }

  /** The next task whose time has come, or null. */
  Runnable due() {
    if (open.isEmpty() || open.first().at() > System.nanoTime()) {
      return null;
    }
    return open.pollFirst().task();
  }

  /** Milliseconds to the next one, at least 1; 0 for none. */
  long waitMs() {
    if (open.isEmpty()) {
      return 0;
    }
    long ns = open.first().at() - System.nanoTime();
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(ns) + 1);
  }
}
