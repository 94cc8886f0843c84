package io.osv.faas.agent.bind;

import io.osv.faas.agent.Refusal;
import java.io.IOException;

/** What a bind's body ends with when it does not arrive in time. */
public final class LateBind extends IOException {
  private static final long serialVersionUID = 1;

  public LateBind(int ms) {
    super("The bind did not arrive within " + ms + " ms.");
  }

  Refusal refusal() {
    return new Refusal(408, "BindTimeout", getMessage());
  }
}
