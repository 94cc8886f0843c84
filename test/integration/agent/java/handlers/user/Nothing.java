package user;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class Nothing implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) {
    return null;
  }
}
