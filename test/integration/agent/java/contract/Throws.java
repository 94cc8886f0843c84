package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Throws implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    throw new IllegalStateException("secret of the function");
  }
}
