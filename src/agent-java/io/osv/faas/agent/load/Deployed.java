package io.osv.faas.agent.load;

import io.osv.faas.agent.BindFunction;
import java.nio.file.Path;
import java.util.Map;

/**
 * A function as it stands in this VM: what its manifest says, the folder of its files, its
 * variables (the guest's among them), and the bytes of a request body that may stand in memory.
 */
public record Deployed(BindFunction spec, Path root, Map<String, String> env, int lambdaBodyBytes) {
  public String name() {
    return spec.name();
  }
}
