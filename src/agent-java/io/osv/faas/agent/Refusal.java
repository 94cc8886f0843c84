package io.osv.faas.agent;

/** An answer of the agent's own: becomes a problem document. */
public class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String reason;
  private final String component;

  public Refusal(int status, String reason, String detail) {
    this(status, reason, detail, "agent");
  }

  private Refusal(int status, String reason, String detail, String component) {
    super(detail, null, false, false);
    this.status = status;
    this.reason = reason;
    this.component = component;
  }

  /** A failure of the function's, not the agent's. */
  public static Refusal ofFunction(int status, String reason, String detail) {
    return new Refusal(status, reason, detail, "function");
  }

  public int status() {
    return status;
  }

  public String reason() {
    return reason;
  }

  public String component() {
    return component;
  }
}
