package io.osv.faas.agent;

import io.osv.faas.agent.invoke.Invocation;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * State of this VM: from generic over binding to bound, perhaps to draining, and never back once
 * bound. For the loop alone.
 */
public final class Vm {
  private static final long STARTED = System.nanoTime();

  private final String id;
  private final Meter meter = new Meter();
  private final Set<Invocation> running = new LinkedHashSet<>();
  private Runnable onBroken = () -> {};
  private String phase = "generic";
  private boolean draining;
  private Binding binding;
  private String broken;
  private boolean warm;

  public Vm(String id) {
    this.id = id;
  }

  public String id() {
    return id;
  }

  public Meter meter() {
    return meter;
  }

  /** Each holds a slot. */
  public Set<Invocation> running() {
    return running;
  }

  public void onBroken(Runnable listener) {
    onBroken = listener;
  }

  public String phase() {
    return draining ? "draining" : phase;
  }

  /** Null before the bind. */
  public Binding binding() {
    return binding;
  }

  /** Why user code broke this VM; null for a sound one. */
  public String broken() {
    return broken;
  }

  public boolean isDraining() {
    return draining;
  }

  public boolean isFull() {
    return running.size() >= binding.slots();
  }

  /** False when a bind is under way or done: only a generic VM begins one. */
  public boolean beginBind() {
    if (!phase().equals("generic")) {
      return false;
    }
    phase = "binding";
    return true;
  }

  /** The bind failed and left nothing behind. */
  public void abandonBind() {
    phase = "generic";
  }

  public void completeBind(Binding made) {
    phase = "bound";
    binding = made;
    meter.markBound();
  }

  public void drain() {
    draining = true;
  }

  /** The first cause stays. */
  public void markBroken(String cause) {
    if (broken == null) {
      broken = cause;
      onBroken.run();
    }
  }

  /** The rehearsal is over: the first bind finds loaded what it needs. */
  public void markWarm() {
    warm = true;
  }

  /** As the protocol's AgentState. */
  public Map<String, Object> state() {
    var state = new LinkedHashMap<String, Object>();
    state.put("version", 1);
    state.put("vmId", id);
    state.put("state", phase());
    if (binding != null) {
      state.put("application", binding.application());
      state.put("revision", binding.revision());
      state.put("slots", binding.slots());
      state.put("binding", binding.signed());
    }
    state.put("inFlight", running.size());
    state.put("functions", statuses());
    state.put("uptimeMs", uptimeMs());
    state.put("warm", warm);
    if (broken != null) {
      state.put("broken", broken);
    }
    return state;
  }

  public List<Map<String, Object>> statuses() {
    return functions().stream().map(HostedFunction::status).toList();
  }

  /** As the protocol's MeterReading; {@code idleNanos} of the loop since its start. */
  public Map<String, Object> reading(long idleNanos) {
    var reading = new LinkedHashMap<String, Object>();
    reading.put("vmId", id);
    reading.put("uptimeMs", uptimeMs());
    reading.putAll(meter.read(functions(), running, idleNanos));
    return reading;
  }

  private Collection<HostedFunction> functions() {
    return binding == null ? List.of() : binding.functions().values();
  }

  private static long uptimeMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - STARTED);
  }
}
