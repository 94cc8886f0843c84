package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class NeedsMissing implements HttpFunction {
  private final Missing missing = new Missing();

  @Override
  public Response handle(Request request, Context context) {
    return Response.text(missing.toString());
  }
}
