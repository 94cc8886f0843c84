package io.osv.faas.agent.invoke;

import io.osv.faas.agent.Binding;
import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.Vm;
import io.osv.faas.agent.http.Head;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Decides whether a request may call a function now. */
final class Admission {
  private Admission() {}

  /** @throws Refusal nothing of the request was given to a function yet: another VM may take it */
  static HostedFunction admit(Vm vm, Head head) {
    var binding = vm.binding();
    if (binding == null) {
      throw vm.phase().equals("binding")
          ? new Refusal(503, "Binding", "This VM is being bound at this moment.")
          : new Refusal(409, "NotBound", "This VM belongs to no application yet.");
    }
    if (!isToken(binding, head.one("osv-faas-token"))) {
      throw new Refusal(401, "TokenInvalid", "The header osv-faas-token is missing or wrong.");
    }
    var fn = binding.functions().get(head.one("osv-faas-function"));
    if (fn == null) {
      throw new Refusal(404, "FunctionUnknown", "This VM holds no function of that name.");
    }
    checkAvailable(vm);
    if (!head.target().startsWith("/") && !head.target().equals("*")) {
      throw new Refusal(
          400, "TargetInvalid", "The request target must be a path that begins with \"/\".");
    }
    return fn;
  }

  private static void checkAvailable(Vm vm) {
    if (vm.broken() != null) {
      throw new Refusal(503, "VmBroken", "User code broke this VM; it is about to be replaced.");
    }
    if (vm.isDraining()) {
      throw new Refusal(503, "Draining", "This VM takes no new invocations.");
    }
    if (vm.isFull()) {
      throw new Refusal(429, "SlotsFull", "Every slot of this VM is taken.");
    }
  }

  private static boolean isToken(Binding binding, String given) {
    return given != null
        && MessageDigest.isEqual(binding.token(), given.getBytes(StandardCharsets.UTF_8));
  }
}
