package io.osv.faas.agent.http;

/** The one thing that a connection waits for at a time. For the loop alone. */
final class Deadline {
  private final Loop loop;
  private Timer timer;

  Deadline(Loop loop) {
    this.loop = loop;
  }

  /** In place of what was waited for before. */
  void set(long ms, Runnable late) {
    stop();
    timer = loop.after(ms, late);
  }

  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
