package io.osv.faas.agent.host;

import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/**
 * Keeps the JVM up when user code calls {@code System.exit}: a shutdown hook that does not return
 * holds the caller in its call for ever, while all other threads go on. {@code Runtime.halt} runs
 * no hooks and ends the VM at once.
 */
public final class ExitHook {
  private ExitHook() {}

  /** {@code exited} is told the thread that called; false lets the JVM end, as at a signal. */
  public static void install(Predicate<Thread> exited) {
    var hook = new Thread(() -> hold(exited), "exit-hook");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void hold(Predicate<Thread> exited) {
    var caller = callerOfExit();
    if (caller == null || !exited.test(caller)) {
      return;
    }
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread callerOfExit() {
    for (var entry : Thread.getAllStackTraces().entrySet()) {
      for (var frame : entry.getValue()) {
        if (frame.getClassName().equals("java.lang.Shutdown")
            && frame.getMethodName().equals("exit")) {
          return entry.getKey();
        }
      }
    }
    return null;
  }
}
