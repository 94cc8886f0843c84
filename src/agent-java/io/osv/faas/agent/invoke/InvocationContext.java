package io.osv.faas.agent.invoke;

import io.osv.faas.Cancellation;
import io.osv.faas.Context;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** An invocation as functions see it. */
record InvocationContext(Invocation invocation) implements Context {
  @Override
  public String functionName() {
    return invocation.fn().name();
  }

  @Override
  public String requestId() {
    return invocation.requestId();
  }

  @Override
  public Duration remaining() {
    return Duration.ofMillis(Math.max(0, invocation.remainingMs()));
  }

  @Override
  public Map<String, String> env() {
    return invocation.fn().env();
  }

  @Override
  public Path directory() {
    return invocation.fn().root();
  }

  @Override
  public Optional<Cancellation> cancellation() {
    return Optional.ofNullable(invocation.cancellation());
  }
}
