package io.osv.faas.agent.json;

/** A text that is no JSON, or a value that has none. */
public final class JsonException extends RuntimeException {
  private static final long serialVersionUID = 1;

  JsonException(String message) {
    super(message);
  }
}
