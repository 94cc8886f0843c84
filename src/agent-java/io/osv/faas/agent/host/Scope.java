package io.osv.faas.agent.host;

import java.util.Map;

/**
 * On whose behalf a thread works: a function while it loads, one of its invocations while it
 * answers ({@code requestId} is null otherwise). Threads that user code starts have the scope of the
 * one that started them. Two invocations never have the same one, whatever their ids are.
 */
public record Scope(String function, Map<String, String> env, String requestId) {
  private static final InheritableThreadLocal<Scope> CURRENT = new InheritableThreadLocal<>();

  /** Null on threads of the agent's own. */
  public static Scope current() {
    return CURRENT.get();
  }

  public static void enter(Scope scope) {
    CURRENT.set(scope);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
