package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Exits implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    System.exit(3);
    return Response.text("went on");
  }
}
