package contract;

import io.osv.faas.Connection;
import io.osv.faas.Context;
import io.osv.faas.Request;
import io.osv.faas.Response;
import io.osv.faas.UpgradeFunction;
import java.util.Map;

public class Upgrades implements UpgradeFunction {
  @Override
  public Response handle(Request request, Context context) {
    return Response.text("plain");
  }

  @Override
  public void upgrade(Request request, Connection connection, Context context) throws Exception {
    connection.accept("echo", Map.of());
    connection.input().transferTo(connection.output());
  }
}
