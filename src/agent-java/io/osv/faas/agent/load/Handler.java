package io.osv.faas.agent.load;

/** A function that is ready to be called. */
@FunctionalInterface
public interface Handler {
  /** Returns when the function has, and all of its answer is on its way. */
  void call(Call call) throws Exception;
}
