package io.osv.faas.agent.host;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Makes {@code System.getenv} show each function its own variables, and nobody the agent's. The
 * JDK has no way to do that: the map behind {@code getenv} is exchanged by reflection, which the
 * agent's manifest opens (docs/java.md).
 */
public final class ScopedEnv extends AbstractMap<String, String> {
  /** Variables of the guest that every function sees, unless its own say otherwise. */
  private static final List<String> COMMON = List.of("PATH", "HOME", "LANG", "TZ", "TMPDIR");

  private final Supplier<Map<String, String>> current;

  private ScopedEnv(Supplier<Map<String, String>> current) {
    this.current = current;
  }

  /** The environment as functions begin with it. */
  public static Map<String, String> common(Map<String, String> real) {
    var env = new HashMap<>(real);
    env.keySet().retainAll(COMMON);
    return Collections.unmodifiableMap(env);
  }

  /** @throws ReflectiveOperationException on a JDK that is made differently */
  public static void install(Supplier<Map<String, String>> current)
      throws ReflectiveOperationException {
    var environment = Class.forName("java.lang.ProcessEnvironment");
    var shown = environment.getDeclaredField("theUnmodifiableEnvironment");
    shown.setAccessible(true);
    var view = shown.get(null);
    set(view, "m", new ScopedEnv(current));
    // Views of the map that was there, kept since somebody asked for them.
    for (var name : List.of("keySet", "entrySet", "values")) {
      set(view, name, null);
    }
    // What child processes would inherit.
    var real = environment.getDeclaredField("theEnvironment");
    real.setAccessible(true);
    ((Map<?, ?>) real.get(null)).clear();
  }

  private static void set(Object object, String name, Object value)
      throws ReflectiveOperationException {
    var field = object.getClass().getDeclaredField(name);
    field.setAccessible(true);
    field.set(object, value);
  }

  @Override
  public String get(Object name) {
    return current.get().get(name);
  }

  @Override
  public boolean containsKey(Object name) {
    return current.get().containsKey(name);
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<String, String>> iterator() {
        return current.get().entrySet().iterator();
      }

      @Override
      public int size() {
        return current.get().size();
      }
    };
  }
}
