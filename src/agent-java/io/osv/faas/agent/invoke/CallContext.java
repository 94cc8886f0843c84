package io.osv.faas.agent.invoke;

import io.osv.faas.Cancellation;
import io.osv.faas.Context;
import io.osv.faas.agent.load.Call;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** An invocation as functions see it. */
record CallContext(Call call) implements Context {
  @Override
  public String functionName() {
    return call.fn().name();
  }

  @Override
  public String requestId() {
    return call.requestId();
  }

  @Override
  public Duration remaining() {
    return Duration.ofMillis(Math.max(0, call.remainingMs()));
  }

  @Override
  public Map<String, String> env() {
    return call.fn().env();
  }

  @Override
  public Path directory() {
    return call.fn().root();
  }

  @Override
  public Optional<Cancellation> cancellation() {
    return Optional.ofNullable(call.cancellation());
  }
}
