package io.osv.faas.agent.rehearsal;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.util.Map;

/** What is rehearsed with: both ways in which functions are called. */
public final class Rehearsed implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) throws Exception {
    var body = request.body().readAllBytes();
    return Response.text(request.target() + body.length + request.query("query").orElse(""));
  }

  public Map<String, Object> plain(Map<String, Object> event, Context context) {
    return Map.of("statusCode", 200, "body", context.functionName());
  }
}
