package user;

import io.osv.faas.Context;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Functions that go wrong when they are called. */
public class Faults {
  public String background() throws InterruptedException {
    new CountDownLatch(1).await();
    return "never";
  }

  public String memory() {
    List<byte[]> all = new ArrayList<>();
    for (; ; ) {
      all.add(new byte[1 << 20]);
    }
  }

  public String halts() {
    Runtime.getRuntime().halt(0);
    return "never";
  }

  public String exitsAside() throws InterruptedException {
    new Thread(() -> System.exit(1)).start();
    new CountDownLatch(1).await();
    return "never";
  }

  public String overflows() {
    return overflows() + overflows();
  }

  public Response shortBody(Request request, Context context) {
    return Response.of(200).header("content-length", "10").body(out -> out.write(new byte[5]));
  }

  public Response shortStream(Request request, Context context) {
    return Response.of(200)
        .header("content-length", "10")
        .body(
            out -> {
              out.write(new byte[5]);
              out.flush();
            });
  }

  public Response longBody(Request request, Context context) {
    return Response.of(200).header("content-length", "5").body(out -> out.write(new byte[10]));
  }

  /** Does not care that it may not write that much. */
  public Response longStream(Request request, Context context) {
    return Response.of(200)
        .header("content-length", "5")
        .body(
            out -> {
              out.write(new byte[2]);
              out.flush();
              try {
                out.write(new byte[8]);
              } catch (java.io.IOException e) {
                System.out.println("did not care");
              }
            });
  }

  public Response failsAtOnce(Request request, Context context) {
    return Response.of(200)
        .body(
            out -> {
              var cause = new java.io.IOException("the reason behind it");
              throw new IllegalStateException("no body", cause);
            });
  }

  public String failsDeep() {
    return failsAt(1000);
  }

  private String failsAt(int depth) {
    if (depth > 0) {
      return failsAt(depth - 1) + depth;
    }
    var root = new java.io.IOException("the reason behind it");
    throw new IllegalStateException("deep down", root);
  }

  public Response file(Request request, Context context) {
    return Response.of(200).header("content-length", "1234");
  }

  public Response badHeader(Request request, Context context) {
    return Response.text("x").header("x-a", "one\r\nx-b: two");
  }

  public String interruptsItself() {
    Thread.currentThread().interrupt();
    return "fine";
  }

  public String prints() {
    System.out.print("begun ");
    System.out.println("and ended");
    System.err.printf("%d%n", 7);
    System.out.print("no end");
    new IllegalStateException("printed").printStackTrace();
    return "printed";
  }
}
