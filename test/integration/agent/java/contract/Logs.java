package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Logs implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    System.out.println(request.query("text").orElseThrow());
    return Response.text("logged");
  }
}
