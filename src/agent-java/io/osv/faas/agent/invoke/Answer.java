package io.osv.faas.agent.invoke;

import io.osv.faas.Body;
import io.osv.faas.Response;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.http.AnswerStream;
import io.osv.faas.agent.http.Header;
import io.osv.faas.agent.load.Call;
import java.util.ArrayList;
import java.util.List;

/** Sends what a function answered, as far as that is HTTP. */
final class Answer {
  private Answer() {}

  static void send(Call call, Response response) throws Exception {
    if (response == null) {
      throw invalid(
          "The function returned null; spec.signature "
              + call.fn().spec().signature()
              + " expects an io.osv.faas.Response of it.");
    }
    if (call.cancellation() != null) {
      return;
    }
    long length = response.body() instanceof Body.Bytes bytes ? bytes.bytes().length : -1;
    // Of what GET would get it says more than the body that is not sent.
    boolean isHead = call.exchange().head().method().equals("HEAD");
    var headers = new ArrayList<Header>();
    for (var entry : response.headers()) {
      var header = checked(new Header(entry.getKey(), entry.getValue()));
      if (header.is("content-length") && (length < 0 || isHead)) {
        length = lengthOf(header.value());
      } else if (!header.isOwn() && !isFraming(header)) {
        headers.add(header);
      }
    }
    write(response.body(), call.exchange().begin(response.status(), List.copyOf(headers), length));
  }

  private static void write(Body body, AnswerStream out) throws Exception {
    try {
      body.writeTo(out);
      out.close();
    } catch (Exception | Error e) {
      out.withdraw();
      if (out.misfit() != null) {
        throw invalid("The function's answer has " + out.misfit() + ".");
      }
      throw e;
    }
  }

  /** How the body is framed is the agent's affair. */
  private static boolean isFraming(Header header) {
    return header.is("content-length")
        || header.is("transfer-encoding")
        || header.is("connection")
        || header.is("keep-alive");
  }

  private static long lengthOf(String value) {
    if (!value.matches("\\d{1,18}")) {
      throw invalid("The content-length of the function's answer must be a number.");
    }
    return Long.parseLong(value);
  }

  /** A line break in a header would begin another one. */
  static Header checked(Header header) {
    if (!header.isWellFormed()) {
      throw invalid("A header of the function's answer has signs that are not allowed in one.");
    }
    return header;
  }

  static Refusal invalid(String detail) {
    return Refusal.ofFunction(500, "InvalidAnswer", detail);
  }
}
