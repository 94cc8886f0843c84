package io.osv.faas.agent;

import io.osv.faas.agent.host.ConsoleCapture;
import io.osv.faas.agent.host.ExitHook;
import io.osv.faas.agent.host.Log;
import io.osv.faas.agent.host.Scope;
import io.osv.faas.agent.host.ScopedEnv;
import io.osv.faas.agent.rehearsal.Rehearsal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;

/** The entry point in a VM: one agent, which has the process to itself. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    var out = new FileOutputStream(FileDescriptor.out);
    var log = new Log(out, Limits.DEFAULTS.logCharacters());
    try {
      run(Map.copyOf(System.getenv()), out);
    } catch (Exception e) {
      log.error("the agent cannot start", Map.of("error", e));
      Runtime.getRuntime().halt(1);
    }
  }

  private static void run(Map<String, String> env, FileOutputStream out) throws Exception {
    // Before anything of the JDK's asks for the folder.
    System.setProperty("java.io.tmpdir", env.getOrDefault("TMPDIR", "/tmp"));
    var config = Config.read(env);
    var log = new Log(out, config.limits().logCharacters());
    var common = ScopedEnv.common(env);
    var endLines = ConsoleCapture.install(log);
    var tmp = Path.of(System.getProperty("java.io.tmpdir"));
    var agent = new Agent(config, log, common, tmp, endLines);
    takeOver(agent, common);
    var address = agent.listen(config.host(), config.port());
    log.info(
        "the agent listens", Map.of("address", address.toString(), "vmId", config.vmId()));
    new Thread(() -> rehearse(agent, tmp, log), "rehearsal").start();
    agent.loop().run();
  }

  /** All that the first invocation would otherwise wait for; the VM is generic and has time. */
  private static void rehearse(Agent agent, Path tmp, Log log) {
    try {
      new Rehearsal(tmp, agent::isWanted).run();
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      log.error(
          "warming up failed; the first invocation will be slower", Map.of("error", e));
    }
  }

  /** From here on the process is as user code may see it. */
  private static void takeOver(Agent agent, Map<String, String> common)
      throws ReflectiveOperationException {
    var guard = agent.guard();
    ScopedEnv.install(
        () -> {
          var scope = Scope.current();
          return scope == null ? common : scope.fn().env();
        });
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, error) -> {
          var scope = Scope.current();
          agent.loop().execute(() -> guard.uncaught(error, scope));
        });
    ExitHook.install(thread -> agent.loop().call(() -> guard.exited(thread)));
  }
}
