package io.osv.faas.agent.invoke;

import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.json.JsonWriter;
import io.osv.faas.agent.load.Call;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Makes a method's arguments from a request. A body that stands in memory has a limit. */
final class MethodInput {
  private final Call call;
  private final boolean eventAsStream;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private byte[] body;

  MethodInput(Call call, boolean eventAsStream) {
    this.call = call;
    this.eventAsStream = eventAsStream;
  }

  Object argument(Parameter parameter, Class<?> type) throws IOException {
    return switch (parameter) {
      case EVENT -> event();
      case TEXT -> new String(body(), StandardCharsets.UTF_8);
      case BYTES -> body();
      case INPUT -> eventAsStream ? eventStream() : call.exchange().body();
      case OUTPUT -> output;
      case REQUEST -> new HttpRequest(call.exchange().head(), call.exchange().body());
      case CONTEXT -> new CallContext(call);
      case AWS_CONTEXT -> AwsContext.of(call, type);
    };
  }

  /** What the method wrote to its {@code OutputStream}. */
  ByteArrayOutputStream output() {
    return output;
  }

  private Map<String, Object> event() throws IOException {
    return LambdaEvent.of(call, body());
  }

  private ByteArrayInputStream eventStream() throws IOException {
    return new ByteArrayInputStream(JsonWriter.write(event()).getBytes(StandardCharsets.UTF_8));
  }

  private byte[] body() throws IOException {
    if (body == null) {
      int max = call.fn().lambdaBodyBytes();
      var length = call.exchange().head().contentLength();
      body = length > max ? null : call.exchange().body().readNBytes(max + 1);
      if (body == null || body.length > max) {
        throw new Refusal(413, "BodyTooLarge", "The body has more than " + max + " bytes.");
      }
    }
    return body;
  }
}
