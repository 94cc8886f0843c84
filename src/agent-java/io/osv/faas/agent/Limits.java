package io.osv.faas.agent;

import java.util.Locale;
import java.util.Map;

/**
 * Bounds of everything that comes from outside, and the times that the agent waits. The same as
 * the Node agent's, by the same variables (docs/agent.md).
 */
public record Limits(
    int manifestBytes,
    int payloadBytes,
    int files,
    int bindMs,
    int loadMs,
    int graceMs,
    int lingerMs,
    int headersMs,
    int headerBytes,
    int lambdaBodyBytes,
    int logCharacters) {

  private static final int MIB = 1024 * 1024;
  private static final String PREFIX = "OSV_FAAS_LIMIT_";

  public static final Limits DEFAULTS = read(Map.of());

  /** {@code graceMs} is overridden by {@code OSV_FAAS_LIMIT_GRACE_MS}. */
  public static Limits read(Map<String, String> env) {
    return new Limits(
        limit(env, "manifestBytes", 4 * MIB),
        limit(env, "payloadBytes", 256 * MIB),
        limit(env, "files", 50_000),
        limit(env, "bindMs", 30_000),
        limit(env, "loadMs", 10_000),
        limit(env, "graceMs", 3_000),
        limit(env, "lingerMs", 10_000),
        limit(env, "headersMs", 15_000),
        limit(env, "headerBytes", 32 * 1024),
        limit(env, "lambdaBodyBytes", 6 * MIB),
        limit(env, "logCharacters", 16 * 1024));
  }

  private static int limit(Map<String, String> env, String name, int standard) {
    var variable = PREFIX + name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
    var text = env.get(variable);
    return text == null ? standard : integer(variable, text, Integer.MAX_VALUE);
  }

  /** @throws IllegalArgumentException naming the variable */
  static int integer(String name, String text, int max) {
    if (!text.matches("\\d{1,10}") || Long.parseLong(text) > max) {
      throw new IllegalArgumentException(
          name + " must be an integer from 0 to " + max + ", got \"" + text + '"');
    }
    return Integer.parseInt(text);
  }
}
