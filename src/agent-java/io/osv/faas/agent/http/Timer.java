package io.osv.faas.agent.http;

import java.util.function.Consumer;

/** One task of the loop's that waits for its time. */
public record Timer(Consumer<Timer> canceller, long at, long number, Runnable task) {
  /** Does nothing once it has run. */
  public void cancel() {
    canceller.accept(this);
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
