package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Pipe implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    return Response.of(200).body(request.body());
  }
}
