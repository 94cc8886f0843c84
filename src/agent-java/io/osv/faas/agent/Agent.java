package io.osv.faas.agent;

import io.osv.faas.agent.bind.Binder;
import io.osv.faas.agent.control.Control;
import io.osv.faas.agent.control.Signature;
import io.osv.faas.agent.host.Log;
import io.osv.faas.agent.http.Exchange;
import io.osv.faas.agent.http.Loop;
import io.osv.faas.agent.http.Server;
import io.osv.faas.agent.invoke.Book;
import io.osv.faas.agent.invoke.Guard;
import io.osv.faas.agent.invoke.Invoker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/**
 * The parts of an agent, put together. There may be several in one process; Main gives one of them
 * the process.
 */
public final class Agent {
  private final Vm vm;
  private final Loop loop;
  private final Server server;
  private final Control control;
  private final Guard guard;
  private final Ending ending;

  /** {@code endLines} ends what a thread has begun to print. */
  public Agent(
      Config config, Log log, Map<String, String> commonEnv, Path tmp, Runnable endLines)
      throws IOException {
    var limits = config.limits();
    vm = new Vm(config.vmId());
    loop = new Loop(log);
    ending = new Ending(vm, log, loop, limits.lingerMs());
    vm.onBroken(ending::check);
    var book = new Book(vm, log, loop, limits.graceMs(), ending::check);
    guard = new Guard(book, log);
    var invoker = new Invoker(book, endLines);
    var loading = new LoadWatch(vm, log, loop, limits);
    var binder =
        new Binder(
            vm,
            loop,
            limits,
            tmp,
            (spec, root) -> new HostedFunction(spec, root, commonEnv, limits, loading),
            binding -> allowConnections(binding.slots()));
    var signature = Signature.of(config.publicKey());
    control = new Control(vm, loop, signature, binder, limits.bindMs());
    server = new Server(loop, limits, exchange -> answer(exchange, invoker));
  }

  public Vm vm() {
    return vm;
  }

  public Loop loop() {
    return loop;
  }

  public Guard guard() {
    return guard;
  }

  /** Whether somebody has begun to bind it. From any thread. */
  public boolean isWanted() {
    return loop.call(() -> !vm.phase().equals("generic"));
  }

  /** Before the loop runs. */
  public InetSocketAddress listen(String host, int port) throws IOException {
    return server.listen(
        host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port));
  }

  /** Ends its threads and connections; whatever runs is left to itself. */
  public void close() {
    control.close();
    loop.execute(
        () -> {
          if (vm.binding() != null) {
            vm.binding().functions().values().forEach(HostedFunction::close);
          }
          loop.end();
        });
  }

  private void allowConnections(int slots) {
    server.allowConnections(slots);
  }

  private void answer(Exchange exchange, Invoker invoker) {
    if (exchange.head().one("osv-faas-function") == null) {
      control.answer(exchange);
    } else {
      invoker.invoke(exchange);
    }
  }
}
