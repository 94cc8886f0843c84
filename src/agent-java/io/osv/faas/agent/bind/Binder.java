package io.osv.faas.agent.bind;

import io.osv.faas.agent.BindFunction;
import io.osv.faas.agent.Binding;
import io.osv.faas.agent.HostedFunction;
import io.osv.faas.agent.Limits;
import io.osv.faas.agent.Refusal;
import io.osv.faas.agent.Vm;
import io.osv.faas.agent.http.Loop;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Carries out a bind, on a thread that may wait. All or nothing: until the last byte was checked
 * the VM is binding; a failure leaves it generic with nothing on its disk. A function that does not
 * load is no failure, the answer says so.
 */
public final class Binder {
  private static final double NS_PER_MS = 1e6;

  private final Vm vm;
  private final Loop loop;
  private final Limits limits;
  private final Path home;
  private final FunctionMaker maker;
  private final Consumer<Binding> bound;

  /** Makes what a manifest describes; its files are in place. */
  public interface FunctionMaker {
    HostedFunction make(BindFunction spec, Path root);
  }

  /** {@code bound} is called once, on the loop, before any of the functions loads. */
  public Binder(
      Vm vm, Loop loop, Limits limits, Path tmp, FunctionMaker maker, Consumer<Binding> bound) {
    this.vm = vm;
    this.loop = loop;
    this.limits = limits;
    this.home = tmp.resolve("osv-faas");
    this.maker = maker;
    this.bound = bound;
  }

  /** {@code isSigned} says whether the operator signed a manifest of this digest. @throws Refusal */
  public Map<String, Object> bind(InputStream body, Predicate<String> isSigned) {
    long begin = System.nanoTime();
    var manifest = readManifest(body, isSigned);
    if (!manifest.vmId().equals(vm.id())) {
      var detail = "This VM is " + vm.id() + ", the bind is for " + manifest.vmId() + ".";
      throw new Refusal(403, "WrongVm", detail);
    }
    var binding = loop.call(vm::binding);
    if (binding != null && isSame(binding, manifest)) {
      return binding.answer().join();
    }
    if (manifest.payloadSize() > limits.payloadBytes()) {
      var detail =
          "The files have " + manifest.payloadSize() + " bytes, "
              + limits.payloadBytes() + " are allowed.";
      throw new Refusal(413, "PayloadTooLarge", detail);
    }
    if (!loop.call(vm::beginBind)) {
      throw new Refusal(
          409, "AlreadyBound", "This VM is bound already, or is being bound or drained.");
    }
    long writeNanos = receive(manifest, body);
    return complete(manifest, System.nanoTime() - begin - writeNanos, writeNanos);
  }

  private Manifest readManifest(InputStream body, Predicate<String> isSigned) {
    var size = take(body, 4);
    long length = (size[0] & 0xffL) << 24 | (size[1] & 0xff) << 16 | (size[2] & 0xff) << 8 | size[3] & 0xff;
    if (length > limits.manifestBytes()) {
      var detail = "The manifest has " + length + " bytes, " + limits.manifestBytes() + " are allowed.";
      throw new Refusal(413, "ManifestTooLarge", detail);
    }
    var bytes = take(body, (int) length);
    if (!isSigned.test(HexFormat.of().formatHex(sha256().digest(bytes)))) {
      throw new Refusal(401, "SignatureInvalid", "The operator did not sign this call to this VM.");
    }
    return ManifestReader.read(new String(bytes, StandardCharsets.UTF_8), limits);
  }

  private static byte[] take(InputStream body, int size) {
    try {
      var bytes = body.readNBytes(size);
      if (bytes.length < size) {
        var detail = "The body ends " + (size - bytes.length) + " bytes too early.";
        throw new Refusal(400, "BodyTruncated", detail);
      }
      return bytes;
    } catch (IOException e) {
      throw asRefusal(e);
    }
  }

  /** Nanoseconds spent on writing. */
  private long receive(Manifest manifest, InputStream body) {
    var unpacker = new Unpacker(body, sha256());
    try {
      unpacker.unpack(manifest, home.resolve("code"));
      return unpacker.writeNanos();
    } catch (IOException | RuntimeException e) {
      undo();
      throw asRefusal(e);
    }
  }

  private void undo() {
    try {
      Folders.remove(home);
      loop.execute(vm::abandonBind);
    } catch (IOException e) {
      loop.execute(() -> vm.markBroken("a failed bind left files behind: " + e.getMessage()));
    }
  }

  private static Refusal asRefusal(Exception e) {
    if (e instanceof Refusal refusal) {
      return refusal;
    }
    // The pipe's own failures are wrapped once, for a stack of the reader's.
    if (e.getCause() instanceof LateBind late) {
      return late.refusal();
    }
    boolean full = e instanceof FileSystemException || String.valueOf(e.getMessage()).contains("No space");
    return full
        ? new Refusal(507, "DiskFull", "The files do not fit into this VM.")
        : new Refusal(400, "BodyTruncated", "The bind broke off: " + e.getMessage());
  }

  private Map<String, Object> complete(Manifest manifest, long receiveNanos, long writeNanos) {
    var functions = new LinkedHashMap<String, HostedFunction>();
    for (var spec : manifest.functions()) {
      functions.put(spec.name(), maker.make(spec, home.resolve("code").resolve(spec.name())));
    }
    var binding =
        new Binding(
            manifest.application(),
            manifest.namespace(),
            manifest.revision(),
            manifest.slots(),
            manifest.token().getBytes(StandardCharsets.UTF_8),
            manifest.binding(),
            functions,
            new CompletableFuture<>());
    loop.call(
        () -> {
          vm.completeBind(binding);
          bound.accept(binding);
          return null;
        });
    long begin = System.nanoTime();
    preload(functions);
    var phases = new LinkedHashMap<String, Object>();
    phases.put("receive", receiveNanos / NS_PER_MS);
    phases.put("write", writeNanos / NS_PER_MS);
    phases.put("load", (System.nanoTime() - begin) / NS_PER_MS);
    var answer = new LinkedHashMap<String, Object>();
    answer.put("functions", functions.values().stream().map(HostedFunction::status).toList());
    answer.put("phases", phases);
    binding.answer().complete(answer);
    return answer;
  }

  /** Loads those that ask for it, all at once. */
  private static void preload(Map<String, HostedFunction> functions) {
    var wanted = functions.values().stream().filter(fn -> fn.spec().preload()).toList();
    wanted.forEach(HostedFunction::startLoading);
    for (var fn : wanted) {
      fn.loading().exceptionally(failure -> null).join();
    }
  }

  private static boolean isSame(Binding binding, Manifest manifest) {
    return binding.application().equals(manifest.application())
        && binding.revision().equals(manifest.revision());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
