package io.osv.faas.agent.invoke;

import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.load.LoadFailure;

/** What a client is told of a function that failed: text of the function's own stays in the log. */
final class Failures {
  private Failures() {}

  static Refusal refusalOf(Throwable error) {
    if (error instanceof Refusal refusal) {
      return refusal;
    }
    if (error instanceof LoadFailure failure) {
      var detail =
          failure.reason().equals("LoadFailed")
              ? "The function's class failed to load; the function's status and log say why."
              : failure.getMessage();
      return Refusal.ofFunction(500, failure.reason(), detail);
    }
    var name = error.getClass().getSimpleName();
    return Refusal.ofFunction(
        500,
        "FunctionError",
        "The function failed (" + name + "); its log has the rest under this request id.");
  }
}
