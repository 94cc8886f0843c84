package io.osv.faas.agent.host;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Stacks of errors for the log, where room is short: what caused what matters more than every frame. */
final class StackText {
  /** Frames of each error of a chain that is too long. */
  private static final int FRAMES = 20;

  private StackText() {}

  /** Never throws, whatever user code has thrown. */
  static String of(Throwable error, int maxCharacters) {
    try {
      var text = new StringWriter();
      error.printStackTrace(new PrintWriter(text));
      var whole = text.toString().stripTrailing();
      return whole.length() <= maxCharacters ? whole : shortened(whole);
    } catch (RuntimeException | StackOverflowError e) {
      return "a " + error.getClass().getName() + " that cannot be printed";
    }
  }

  private static String shortened(String whole) {
    var kept = new StringBuilder();
    int frames = 0;
    for (var line : whole.split("\n")) {
      frames = line.stripLeading().startsWith("at ") ? frames + 1 : 0;
      if (frames <= FRAMES) {
        kept.append(line).append('\n');
      } else if (frames == FRAMES + 1) {
        kept.append(line, 0, line.indexOf("at ")).append("...\n");
      }
    }
    return kept.toString().stripTrailing();
  }
}
