package io.osv.faas.agent.rehearsal;

import io.osv.faas.agent.Agent;
import io.osv.faas.agent.Config;
import io.osv.faas.agent.Limits;
import io.osv.faas.agent.bind.Folders;
import io.osv.faas.agent.host.Log;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Binds and calls two small functions in an agent that exists for this only, over loopback, with a
 * key of its own: the JVM loads and compiles on first use, and the first user should not wait for
 * it (docs/adr/0014). Stops as soon as the real VM has something to do.
 */
public final class Rehearsal {
  private static final int ROUNDS = 3;

  private final Path tmp;
  private final BooleanSupplier wanted;
  private int port;

  public Rehearsal(Path tmp, BooleanSupplier wanted) {
    this.tmp = tmp.resolve(BindCall.ID);
    this.wanted = wanted;
  }

  /** @throws IOException or another, when something is not as it should be: then nothing is prepared */
  public void run() throws IOException, GeneralSecurityException {
    var quiet = new Log(OutputStream.nullOutputStream(), 0);
    var call = new BindCall();
    var host = InetAddress.getLoopbackAddress().getHostAddress();
    var config = new Config(BindCall.ID, call.publicKey(), 0, host, Limits.DEFAULTS);
    var agent = new Agent(config, quiet, Map.of(), tmp, () -> {});
    port = agent.listen(host, 0).getPort();
    var loop = new Thread(() -> loop(agent), BindCall.ID);
    loop.setDaemon(true);
    loop.start();
    try {
      send(call.bytes());
      for (int round = 0; round < ROUNDS && !wanted.getAsBoolean(); round++) {
        send(invocation(BindCall.HTTP));
        send(invocation(BindCall.PLAIN));
      }
    } finally {
      agent.close();
      Folders.remove(tmp);
    }
  }

  private static void loop(Agent agent) {
    try {
      agent.loop().run();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] invocation(String function) {
    var head =
        "GET /path?query=1 HTTP/1.1\r\nhost: rehearsal\r\nconnection: close\r\nosv-faas-function: "
            + function
            + "\r\nosv-faas-token: rehearsal\r\n\r\n";
    return head.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void send(byte[] request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(request);
      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!answer.startsWith("HTTP/1.1 200 ")) {
        throw new IOException("the rehearsal was answered " + answer);
      }
    }
  }
}
