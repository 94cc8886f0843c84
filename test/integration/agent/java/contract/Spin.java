package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Spin implements HttpFunction {
  private volatile boolean forEver = true;

  @Override
  public Response handle(Request request, Context context) {
    while (forEver) {}
    return Response.of(200);
  }
}
