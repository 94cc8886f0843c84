package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.util.Arrays;

public class Big implements HttpFunction {
  private static final int PIECE = 64 * 1024;

  @Override
  public Response handle(Request request, Context context) {
    int bytes = Integer.parseInt(request.query("bytes").orElseThrow());
    var piece = new byte[PIECE];
    Arrays.fill(piece, (byte) 'x');
    return Response.of(200)
        .body(
            out -> {
              for (int left = bytes; left > 0; left -= PIECE) {
                out.write(piece, 0, Math.min(left, PIECE));
              }
            });
  }
}
