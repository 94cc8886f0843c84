package io.osv.faas;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An HTTP answer. Each method gives a new one, so that a part may be shared. */
public final class Response {
  private static final Body NOTHING = new Body.Bytes(new byte[0]);
  private static final int COPY_BYTES = 16 * 1024;

  private final int status;
  private final List<Map.Entry<String, String>> headers;
  private final Body body;

  private Response(int status, List<Map.Entry<String, String>> headers, Body body) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }

  /** An answer without headers and body. */
  public static Response of(int status) {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("status must be from 200 to 599, got " + status);
    }
    return new Response(status, List.of(), NOTHING);
  }

  /** 200 with plain text. */
  public static Response text(String text) {
    return of(200).header("content-type", "text/plain; charset=utf-8").body(text);
  }

  /** 200 with a text that is JSON. */
  public static Response json(String json) {
    return of(200).header("content-type", "application/json").body(json);
  }

  /** Adds a header; one of the same name stays. */
  public Response header(String name, String value) {
    var all = new ArrayList<>(headers);
    all.add(Map.entry(name, value));
    return new Response(status, List.copyOf(all), body);
  }

  public Response body(String text) {
    return body(text.getBytes(StandardCharsets.UTF_8));
  }

  public Response body(byte[] bytes) {
    return body(new Body.Bytes(bytes));
  }

  /** Sends what the stream gives as soon as it gives it, and closes it. */
  public Response body(InputStream stream) {
    return body(
        out -> {
          try (stream) {
            var buffer = new byte[COPY_BYTES];
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
              out.write(buffer, 0, n);
              out.flush();
            }
          }
        });
  }

  public Response body(Body written) {
    return new Response(status, headers, written);
  }

  public int status() {
    return status;
  }

  public List<Map.Entry<String, String>> headers() {
    return headers;
  }

  public Body body() {
    return body;
  }
}
