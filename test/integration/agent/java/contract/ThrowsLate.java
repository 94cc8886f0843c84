package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class ThrowsLate implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    return Response.of(200)
        .body(
            out -> {
              out.write("begun".getBytes());
              out.flush();
              Thread.sleep(50);
              throw new IllegalStateException("late");
            });
  }
}
