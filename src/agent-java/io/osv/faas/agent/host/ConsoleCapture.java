package io.osv.faas.agent.host;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Turns what user code prints into log lines that name function and request. Lines of different
 * threads do not mix.
 */
public final class ConsoleCapture extends OutputStream {
  private final Log log;
  private final String level;
  private final ThreadLocal<ByteArrayOutputStream> begun =
      ThreadLocal.withInitial(ByteArrayOutputStream::new);

  private ConsoleCapture(Log log, String level) {
    this.log = log;
    this.level = level;
  }

  /** Takes the streams over; what it returns ends the lines that the calling thread has begun. */
  public static Runnable install(Log log) {
    var out = new ConsoleCapture(log, "info");
    var err = new ConsoleCapture(log, "error");
    System.setOut(new PrintStream(out, false, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, false, StandardCharsets.UTF_8));
    System.setIn(InputStream.nullInputStream());
    return () -> {
      System.out.flush();
      System.err.flush();
      out.endLine();
      err.endLine();
    };
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    int from = offset;
    for (int at = offset; at < offset + length; at++) {
      if (bytes[at] == '\n') {
        begun.get().write(bytes, from, at - from);
        emit();
        from = at + 1;
      }
    }
    begun.get().write(bytes, from, offset + length - from);
  }

  private void endLine() {
    if (begun.get().size() > 0) {
      emit();
    }
  }

  private void emit() {
    var line = begun.get();
    var text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    log.line(level, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, fields());
  }

  private static Map<String, String> fields() {
    var fields = new LinkedHashMap<String, String>();
    fields.put("source", "function");
    var scope = Scope.current();
    if (scope != null) {
      fields.put("function", scope.function());
    }
    if (scope != null && scope.requestId() != null) {
      fields.put("requestId", scope.requestId());
    }
    return fields;
  }
}
