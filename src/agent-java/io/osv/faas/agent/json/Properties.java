package io.osv.faas.agent.json;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** An object as a map: the components of a record, or what its public getters say. */
public final class Properties {
  private Properties() {}

  /** @throws JsonException for an object that has none; whatever a getter throws unchecked */
  public static Map<String, Object> of(Object object) {
    var type = object.getClass();
    var properties = new LinkedHashMap<String, Object>();
    if (type.isRecord()) {
      for (var component : type.getRecordComponents()) {
        properties.put(component.getName(), call(component.getAccessor(), object));
      }
    } else {
      Arrays.stream(type.getMethods())
          .filter(method -> nameOf(method) != null)
          .sorted(Comparator.comparing(Method::getName))
          .forEach(method -> properties.put(nameOf(method), call(method, object)));
    }
    if (properties.isEmpty()) {
      throw new JsonException("a " + type.getName() + " has no JSON");
    }
    return properties;
  }

  /** {@code getStatusCode} and {@code isOpen} are statusCode and open; null for any other method. */
  private static String nameOf(Method method) {
    var name = method.getName();
    int prefix = name.startsWith("get") ? 3 : name.startsWith("is") ? 2 : 0;
    boolean getter =
        prefix > 0
            && name.length() > prefix
            && method.getParameterCount() == 0
            && method.getReturnType() != void.class
            && method.getDeclaringClass() != Object.class;
    return getter
        ? Character.toLowerCase(name.charAt(prefix)) + name.substring(prefix + 1)
        : null;
  }

  private static Object call(Method method, Object object) {
    try {
      method.setAccessible(true);
      return method.invoke(object);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new JsonException(method.getName() + " of " + object.getClass().getName() + " failed");
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new JsonException(method.getName() + " of " + object.getClass().getName() + ": " + e);
    }
  }
}
