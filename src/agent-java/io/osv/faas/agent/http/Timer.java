package io.osv.faas.agent.http;

/** One task of the loop's that waits for its time. */
public record Timer(Timers timers, long at, long number, Runnable task) {
  /** Does nothing once it has run. */
  public void cancel() {
    timers.cancel(this);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(number);
  }
}
