package contract;

import io.osv.faas.Cancellation;
import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Abortable implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    try {
      Thread.sleep(Long.parseLong(request.query("ms").orElse("0")));
      return Response.text("done");
    } catch (InterruptedException e) {
      boolean timeout = context.cancellation().orElseThrow() == Cancellation.TIMEOUT;
      // By the names that the contract has for them.
      System.out.println("aborted: " + (timeout ? "TimeoutError" : "AbortError"));
      return Response.text("late");
    }
  }
}
