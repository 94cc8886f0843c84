package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.util.concurrent.TimeUnit;

public class Burn implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    long ms = Long.parseLong(request.query("ms").orElse("0"));
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    while (System.nanoTime() < end) {}
    return Response.text("burnt");
  }
}
