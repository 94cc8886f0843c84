package io.osv.faas.agent.host;

/** A thread of the agent's that runs a function's code. */
public final class WorkerThread extends Thread {
  public WorkerThread(ThreadGroup group, Runnable task, String name, ClassLoader loader) {
    super(group, task, name, 0, false);
    setDaemon(true);
    setContextClassLoader(loader);
  }
}
