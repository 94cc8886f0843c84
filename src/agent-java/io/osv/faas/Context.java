package io.osv.faas;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** One invocation, as its function sees it. */
public interface Context {
  String functionName();

  String requestId();

  /** Time until the timeout; zero afterwards. */
  Duration remaining();

  /** The function's environment; {@code System.getenv()} says the same. */
  Map<String, String> env();

  /** Folder of the function's files. */
  Path directory();

  /** Set when the invocation should end; its thread is interrupted at that moment. */
  Optional<Cancellation> cancellation();
}
