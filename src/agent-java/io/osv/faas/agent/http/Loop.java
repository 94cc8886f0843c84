package io.osv.faas.agent.http;

import io.osv.faas.agent.host.Log;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/**
 * One thread that reads and writes every connection and owns the agent's state: who needs either
 * hands it a task. No code of users' runs on it, so it answers whatever they do.
 */
public final class Loop {
  /** What a selection key is attached to. */
  interface Ready {
    void ready(SelectionKey key) throws IOException;
  }

  final Selector selector;
  private final Log log;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Timers timers = new Timers();
  private volatile Thread thread;
  private volatile boolean ended;
  private long idleNanos;

  public Loop(Log log) throws IOException {
    this.log = log;
    selector = Selector.open();
  }

  /** Runs until {@link #end}. */
  public void run() throws IOException {
    thread = Thread.currentThread();
    while (!ended) {
      long before = System.nanoTime();
      if (tasks.isEmpty()) {
        selector.select(timers.waitMs());
      } else {
        selector.selectNow();
      }
      idleNanos += System.nanoTime() - before;
      selected();
      drain();
    }
    for (var key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  public void end() {
    ended = true;
    selector.wakeup();
  }

  /** From any thread; tasks run in the order in which they come. */
  public void execute(Runnable task) {
    tasks.add(task);
    if (Thread.currentThread() != thread) {
      selector.wakeup();
    }
  }

  /** Runs a task on the loop and waits for it; at once when this is the loop. */
  public <T> T call(Supplier<T> task) {
    if (Thread.currentThread() == thread) {
      return task.get();
    }
    var result = new CompletableFuture<T>();
    execute(
        () -> {
          try {
            result.complete(task.get());
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result.join();
  }

  /** On the loop only. */
  public Timer after(long ms, Runnable task) {
    return timers.after(ms, task);
  }

  /** Nanoseconds that the loop had nothing to do. */
  public long idleNanos() {
    return idleNanos;
  }

  private void selected() {
    var keys = selector.selectedKeys();
    for (var key : keys) {
      guarded(
          () -> {
            try {
              ((Ready) key.attachment()).ready(key);
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
    }
    keys.clear();
  }

  private void drain() {
    for (var task = timers.due(); task != null; task = timers.due()) {
      guarded(task);
    }
    // Those that are there now: what they add waits until connections had their turn.
    for (int left = tasks.size(); left > 0; left--) {
      guarded(tasks.remove());
    }
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("the agent failed", Map.of("error", e));
    }
  }
}
