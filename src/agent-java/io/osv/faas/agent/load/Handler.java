package io.osv.faas.agent.load;

import io.osv.faas.agent.invoke.Invocation;

/** A function that is ready to be called. */
@FunctionalInterface
public interface Handler {
  /** Returns when the function has, and all of its answer is on its way. */
  void call(Invocation invocation) throws Exception;
}
