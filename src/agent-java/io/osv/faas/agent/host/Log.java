package io.osv.faas.agent.host;

import io.osv.faas.agent.json.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Log lines of the agent and of captured consoles: one JSON object each. Written at once and whole:
 * a VM that dies has said its last word.
 */
public final class Log {
  private final OutputStream out;
  private final int maxCharacters;

  /** Messages end after {@code maxCharacters}. */
  public Log(OutputStream out, int maxCharacters) {
    this.out = out;
    this.maxCharacters = maxCharacters;
  }

  public void info(String message, Map<String, ?> fields) {
    own("info", message, fields);
  }

  /** A throwable under the name {@code error} is written with its stack. */
  public void error(String message, Map<String, ?> fields) {
    own("error", message, fields);
  }

  private void own(String level, String message, Map<String, ?> fields) {
    var all = new LinkedHashMap<String, Object>();
    all.put("source", "agent");
    all.putAll(fields);
    line(level, message, all);
  }

  public void line(String level, String message, Map<String, ?> fields) {
    var line = new LinkedHashMap<String, Object>();
    line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("level", level);
    line.putAll(fields);
    line.put("message", bounded(message));
    if (fields.get("error") instanceof Throwable error) {
      line.put("error", bounded(StackText.of(error, maxCharacters)));
    }
    write(JsonWriter.write(line) + "\n");
  }

  private synchronized void write(String line) {
    try {
      out.write(line.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      // A console that takes no more loses lines, never the VM.
    }
  }

  private String bounded(String text) {
    int more = text.length() - maxCharacters;
    return more <= 0 ? text : text.substring(0, maxCharacters) + "… " + more + " characters cut";
  }
}
