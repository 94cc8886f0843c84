package io.osv.faas.agent.invoke;

import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Makes a method's arguments from a request. A body that stands in memory has a limit. */
final class MethodInput {
  private final Invocation invocation;
  private final boolean eventAsStream;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private byte[] body;

  MethodInput(Invocation invocation, boolean eventAsStream) {
    this.invocation = invocation;
    this.eventAsStream = eventAsStream;
  }

  Object argument(Parameter parameter, Class<?> type) throws IOException {
    return switch (parameter) {
      case EVENT -> event();
      case TEXT -> new String(body(), StandardCharsets.UTF_8);
      case BYTES -> body();
      case INPUT -> eventAsStream ? eventStream() : invocation.exchange().body();
      case OUTPUT -> output;
      case REQUEST -> new HttpRequest(invocation.exchange().head(), invocation.exchange().body());
      case CONTEXT -> new InvocationContext(invocation);
      case AWS_CONTEXT -> AwsContext.of(invocation, type);
    };
  }

  /** What the method wrote to its {@code OutputStream}. */
  ByteArrayOutputStream output() {
    return output;
  }

  private Map<String, Object> event() throws IOException {
    return LambdaEvent.of(invocation, body());
  }

  private ByteArrayInputStream eventStream() throws IOException {
    return new ByteArrayInputStream(JsonWriter.write(event()).getBytes(StandardCharsets.UTF_8));
  }

  private byte[] body() throws IOException {
    if (body == null) {
      int max = invocation.fn().lambdaBodyBytes();
      var length = invocation.exchange().head().contentLength();
      body = length > max ? null : invocation.exchange().body().readNBytes(max + 1);
      if (body == null || body.length > max) {
        throw new Refusal(413, "BodyTooLarge", "The body has more than " + max + " bytes.");
      }
    }
    return body;
  }
}
