package io.osv.faas.agent;

import io.osv.faas.agent.host.Scope;
import io.osv.faas.agent.host.WorkerThread;
import io.osv.faas.agent.load.Deployed;
import io.osv.faas.agent.load.FunctionLoader;
import io.osv.faas.agent.load.Handler;
import io.osv.faas.agent.load.LoadFailure;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One function of the application that this VM is bound to: its code, its environment, its threads. */
public final class HostedFunction {
  private static final int IDLE_SECONDS = 20;

  /** Told of loads, from any thread. */
  interface LoadListener {
    void begun(HostedFunction fn);

    void failed(HostedFunction fn, LoadFailure failure);
  }

  private final Deployed deployed;
  private final ThreadGroup group;
  private final ExecutorService threads;
  private final FunctionLoader loader;
  private final CompletableFuture<Handler> handler = new CompletableFuture<>();
  private final AtomicBoolean asked = new AtomicBoolean();
  private final LoadListener listener;
  private volatile Thread loadingThread;

  HostedFunction(
      BindFunction spec, Path root, Map<String, String> commonEnv, Limits limits, LoadListener listener) {
    var all = new HashMap<>(commonEnv);
    all.putAll(spec.env());
    var env = Collections.unmodifiableMap(all);
    deployed = new Deployed(spec, root, env, limits.lambdaBodyBytes());
    group = new ThreadGroup(spec.name());
    loader = new FunctionLoader(spec, root);
    this.listener = listener;
    // As many threads as invocations: the slots are the limit.
    threads =
        new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);
  }

  public Deployed deployed() {
    return deployed;
  }

  public BindFunction spec() {
    return deployed.spec();
  }

  public String name() {
    return deployed.name();
  }

  /** Of a thread that works for this function; {@code requestId} is null outside of invocations. */
  public Scope scope(String requestId) {
    return new Scope(name(), deployed.env(), requestId);
  }

  /** Every thread of this function's is in it, whoever started it. */
  public ThreadGroup group() {
    return group;
  }

  /** Starts no more threads. */
  void close() {
    threads.shutdown();
  }

  /** Runs a task on a thread of this function's. */
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Loads on a thread of the function's. */
  public void startLoading() {
    execute(
        () -> {
          try {
            load();
          } catch (LoadFailure failure) {
            // Kept for all who ask.
          }
        });
  }

  /** Loads the function once, on the calling thread; others wait. @throws LoadFailure the same each time */
  public Handler load() throws LoadFailure {
    if (asked.compareAndSet(false, true)) {
      loadNow();
    }
    try {
      return handler.join();
    } catch (CompletionException e) {
      throw (LoadFailure) e.getCause();
    }
  }

  private void loadNow() {
    listener.begun(this);
    loadingThread = Thread.currentThread();
    try {
      handler.complete(loader.load());
    } catch (LoadFailure failure) {
      if (handler.completeExceptionally(failure)) {
        listener.failed(this, failure);
      }
    } finally {
      loadingThread = null;
    }
  }

  boolean isLoading() {
    return loadingThread != null;
  }

  /** Completes when the function is loaded or has failed to. */
  public CompletableFuture<Handler> loading() {
    return handler;
  }

  /** Ends a load that is under way; false when there is none. */
  public boolean failLoad(LoadFailure failure) {
    boolean ended = asked.get() && handler.completeExceptionally(failure);
    var thread = loadingThread;
    if (ended && thread != null) {
      thread.interrupt();
    }
    return ended;
  }

  /** As the protocol's FunctionLoad. */
  public Map<String, Object> status() {
    var status = new LinkedHashMap<String, Object>();
    status.put("name", name());
    if (!handler.isDone()) {
      status.put("state", "unloaded");
    } else if (!handler.isCompletedExceptionally()) {
      status.put("state", "loaded");
    } else {
      var failure = (LoadFailure) handler.handle((loaded, error) -> error).join();
      status.put("state", "failed");
      status.put("reason", failure.reason());
      status.put("detail", failure.getMessage());
    }
    return status;
  }

  private Thread thread(Runnable task) {
    Runnable scoped =
        () -> {
          Scope.enter(scope(null));
          task.run();
        };
    return new WorkerThread(group, scoped, name(), loader.classLoader());
  }
}
