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
import java.util.List;
import java.util.Map;

/** The entry point in a VM: one agent, which has the process to itself. */
public final class Main {
  /** A word that ends the process after its rehearsal: for archives of loaded classes (src/image/java). */
  private static final String REHEARSE = "rehearse";

  private static final int FAILED = 1;

  private final Log log;
  private final Agent agent;
  private final Path tmp;

  private Main(Map<String, String> env, FileOutputStream out) throws Exception {
    // Before anything of the JDK's asks for the folder.
    System.setProperty("java.io.tmpdir", env.getOrDefault("TMPDIR", "/tmp"));
    tmp = Path.of(System.getProperty("java.io.tmpdir"));
    var config = Config.read(env);
    log = new Log(out, config.limits().logCharacters());
    var common = ScopedEnv.common(env);
    var endLines = ConsoleCapture.install(log);
    agent = new Agent(config, log, common, tmp, endLines);
    takeOver(common);
    var address = agent.listen(config.host(), config.port());
    log.info("the agent listens", Map.of("address", address.toString(), "vmId", config.vmId()));
  }

  public static void main(String[] args) {
    var out = new FileOutputStream(FileDescriptor.out);
    boolean rehearsal = List.of(args).equals(List.of(REHEARSE));
    try {
      new Main(rehearsal ? nobody() : Map.copyOf(System.getenv()), out).run(rehearsal);
    } catch (Exception e) {
      var log = new Log(out, Limits.DEFAULTS.logCharacters());
      log.error("the agent cannot start", Map.of("error", e));
      Runtime.getRuntime().halt(FAILED);
    }
  }

  /** A name and a key that nobody has. */
  private static Map<String, String> nobody() {
    return Map.of(
        "OSV_FAAS_VM_ID", REHEARSE, "OSV_FAAS_PUBLIC_KEY", "A".repeat(43), "OSV_FAAS_PORT", "0");
  }

  private void run(boolean rehearsal) throws IOException {
    Runnable warmUp =
        () -> {
          boolean done = rehearse();
          // Not rehearsed is as warm as it gets.
          agent.loop().execute(agent.vm()::markWarm);
          if (rehearsal) {
            Runtime.getRuntime().halt(done ? 0 : FAILED);
          }
        };
    new Thread(warmUp, REHEARSE).start();
    agent.loop().run();
  }

  /** All that the first invocation would otherwise wait for; the VM is generic and has time. */
  private boolean rehearse() {
    try {
      new Rehearsal(tmp, agent::isWanted).run();
      return true;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      log.error("warming up failed; the first invocation will be slower", Map.of("error", e));
      return false;
    }
  }

  /** From here on the process is as user code may see it. */
  private void takeOver(Map<String, String> common) throws ReflectiveOperationException {
    var guard = agent.guard();
    ScopedEnv.install(
        () -> {
          var scope = Scope.current();
          return scope == null ? common : scope.env();
        });
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, error) -> {
          var scope = Scope.current();
          agent.loop().execute(() -> guard.uncaught(error, scope));
        });
    ExitHook.install(thread -> agent.loop().call(() -> guard.exited(thread)));
  }
}
