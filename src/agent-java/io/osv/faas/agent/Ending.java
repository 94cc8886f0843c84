package io.osv.faas.agent;

import io.osv.faas.agent.host.Log;
import io.osv.faas.agent.http.Loop;
import io.osv.faas.agent.invoke.Invocation;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ends a broken VM once nothing runs in it any more (but for what was given up) and the linger
 * time has passed; an operator who is up deletes it before. For the loop alone.
 */
final class Ending {
  private final Vm vm;
  private final Log log;
  private final Loop loop;
  private final int lingerMs;
  private boolean begun;

  Ending(Vm vm, Log log, Loop loop, int lingerMs) {
    this.vm = vm;
    this.log = log;
    this.loop = loop;
    this.lingerMs = lingerMs;
  }

  /** To be called whenever the VM broke or an invocation is over. */
  void check() {
    if (begun || vm.broken() == null || !vm.running().stream().allMatch(Invocation::isAbandoned)) {
      return;
    }
    begun = true;
    var running = new TreeMap<String, Integer>();
    vm.running().forEach(invocation -> running.merge(invocation.fn().name(), 1, Integer::sum));
    log.error(
        "user code broke this VM; it takes no more and ends",
        Map.of("broken", vm.broken(), "running", running));
    // Not exit: that would wait for hooks of user code's.
    loop.after(lingerMs, () -> Runtime.getRuntime().halt(1));
  }
}
