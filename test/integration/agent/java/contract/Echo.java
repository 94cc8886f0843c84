package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

public class Echo implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) throws Exception {
    var body = new String(request.body().readAllBytes(), StandardCharsets.UTF_8);
    var headers =
        request.headers().entrySet().stream()
            .map(header -> quoted(header.getKey()) + ":" + quoted(String.join(",", header.getValue())))
            .collect(Collectors.joining(",", "{", "}"));
    return Response.json(
        String.format(
            "{\"method\":%s,\"url\":%s,\"headers\":%s,\"body\":%s}",
            quoted(request.method()), quoted(request.target()), headers, quoted(body)));
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
