package io.osv.faas.agent.bind;

import io.osv.faas.agent.BindFunction;
import java.util.List;

/** What the operator signs: whose this VM becomes, and which code comes behind it. */
public record Manifest(
    String vmId,
    String application,
    String namespace,
    String revision,
    int slots,
    String token,
    String binding,
    String payloadSha256,
    List<BindFunction> functions) {

  /** Bytes of the payload that follows. */
  long payloadSize() {
    return functions.stream().flatMap(fn -> fn.files().stream()).mapToLong(BindFile::size).sum();
  }
}
