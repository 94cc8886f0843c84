package user;

import io.osv.faas.Context;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

public class Methods {
  record Point(int x, int y) {}

  public String text(String body) {
    return body.toUpperCase();
  }

  public int length(byte[] body) {
    return body.length;
  }

  public static List<Point> points() {
    return List.of(new Point(1, 2), new Point(3, 4));
  }

  public Response response(Request request, Context context) {
    return Response.text(request.path() + " " + context.functionName());
  }

  public void stream(InputStream event, OutputStream answer) throws IOException {
    var text = new String(event.readAllBytes(), StandardCharsets.UTF_8);
    var body = text.contains("\"rawPath\":\"/path\"") ? "event" : "none";
    answer.write(("{\"statusCode\":202,\"body\":\"" + body + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  public Object noJson() {
    return new Object();
  }

  public Object badStatus() {
    return java.util.Map.of("statusCode", "abc");
  }

  public String pojo(Point point) {
    return "never";
  }

  public String resource(Context context) throws IOException {
    try (var in = getClass().getResourceAsStream("/data.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          + java.nio.file.Files.readString(context.directory().resolve("data.txt"));
    }
  }
}
