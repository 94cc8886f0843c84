package io.osv.faas.agent;

import io.osv.faas.agent.host.Log;
import io.osv.faas.agent.http.Loop;
import io.osv.faas.agent.load.LoadFailure;
import java.util.Map;

/**
 * Gives up on a function whose class does not finish loading; on the VM, when even an interrupt does
 * not end it.
 */
final class LoadWatch implements HostedFunction.LoadListener {
  private final Vm vm;
  private final Log log;
  private final Loop loop;
  private final Limits limits;

  LoadWatch(Vm vm, Log log, Loop loop, Limits limits) {
    this.vm = vm;
    this.log = log;
    this.loop = loop;
    this.limits = limits;
  }

  @Override
  public void begun(HostedFunction fn) {
    loop.execute(() -> loop.after(limits.loadMs(), () -> late(fn)));
  }

  @Override
  public void failed(HostedFunction fn, LoadFailure failure) {
    var cause = failure.getCause() == null ? failure : failure.getCause();
    log.error("the function cannot be loaded", Map.of("function", fn.name(), "error", cause));
  }

  private void late(HostedFunction fn) {
    var detail = fn.spec().handler() + " did not finish loading within " + limits.loadMs() + " ms";
    var failure = new LoadFailure("LoadFailed", detail, null);
    if (fn.failLoad(failure)) {
      failed(fn, failure);
      loop.after(limits.graceMs(), () -> giveUp(fn));
    }
  }

  private void giveUp(HostedFunction fn) {
    if (fn.isLoading()) {
      vm.markBroken("loading " + fn.name() + " did not end when it was told to");
    }
  }
}
