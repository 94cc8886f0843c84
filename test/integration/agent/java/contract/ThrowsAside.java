package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;

public class ThrowsAside implements HttpFunction {
  @Override
  public Response handle(Request request, Context context) throws Exception {
    long ms = Long.parseLong(request.query("ms").orElse("0"));
    new Thread(
            () -> {
              sleep(ms);
              throw new IllegalStateException("aside");
            })
        .start();
    Thread.currentThread().join();
    return null;
  }

  private static void sleep(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
