package io.osv.faas.agent.host;

import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.invoke.Invocation;

/**
 * On whose behalf a thread works: a function while it loads, with an invocation while it answers.
 * Threads that user code starts have the scope of the one that started them.
 */
public record Scope(HostedFunction fn, Invocation invocation) {
  private static final InheritableThreadLocal<Scope> CURRENT = new InheritableThreadLocal<>();

  /** Null on threads of the agent's own. */
  public static Scope current() {
    return CURRENT.get();
  }

  public static void enter(Scope scope) {
    CURRENT.set(scope);
  }
}
