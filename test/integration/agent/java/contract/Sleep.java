package contract;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.util.concurrent.TimeUnit;

/** Cannot be interrupted: it ignores its timeout. */
public class Sleep implements HttpFunction {
  private int now;
  private int peak;

  @Override
  public Response handle(Request request, Context context) {
    synchronized (this) {
      peak = Math.max(peak, ++now);
    }
    long ms = Long.parseLong(request.query("ms").orElse("0"));
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    while (System.nanoTime() < end) {
      try {
        TimeUnit.NANOSECONDS.sleep(end - System.nanoTime());
      } catch (InterruptedException e) {
        // On purpose.
      }
    }
    synchronized (this) {
      now--;
      return Response.text(Integer.toString(peak));
    }
  }
}
