package io.osv.faas.agent.load;

import io.osv.faas.HttpFunction;
import io.osv.faas.agent.invoke.HttpCall;
import io.osv.faas.agent.invoke.MethodCall;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Decides how a class is called. */
final class HandlerChooser {
  /** What AWS Lambda calls. */
  private static final String LAMBDA_METHOD = "handleRequest";

  private HandlerChooser() {}

  static Handler choose(Class<?> type, String method, String signature)
      throws LoadFailure, ReflectiveOperationException {
    if (signature.equals("Node")) {
      throw LoadFailure.notFound("spec.signature Node is JavaScript's; Java has Fetch and Lambda");
    }
    boolean http = HttpFunction.class.isAssignableFrom(type);
    if (http && !signature.equals("Lambda") && (method == null || method.equals("handle"))) {
      return new HttpCall((HttpFunction) instanceOf(type));
    }
    if (signature.equals("Fetch")) {
      throw LoadFailure.notFound(
          type.getName() + " is no io.osv.faas.HttpFunction, which spec.signature Fetch expects");
    }
    var chosen = methodOf(type, method);
    var instance = Modifier.isStatic(chosen.getModifiers()) ? null : instanceOf(type);
    return MethodCall.of(chosen, instance);
  }

  private static Object instanceOf(Class<?> type) throws LoadFailure, ReflectiveOperationException {
    if (type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
      throw LoadFailure.notFound(type.getName() + " is abstract: there is nothing to make of it");
    }
    try {
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (NoSuchMethodException e) {
      throw LoadFailure.notFound(type.getName() + " has no constructor without parameters");
    }
  }

  private static Method methodOf(Class<?> type, String name) throws LoadFailure {
    var methods = methods(type);
    var wanted = name == null && methods.size() > 1 ? LAMBDA_METHOD : name;
    return methods.stream()
        .filter(method -> wanted == null || method.getName().equals(wanted))
        // Of several of one name the one that takes most, as AWS Lambda does.
        .max(Comparator.comparingInt(Method::getParameterCount))
        .orElseThrow(() -> notThere(type, wanted, methods));
  }

  private static List<Method> methods(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(method -> method.getDeclaringClass() != Object.class)
        .filter(method -> !method.isBridge() && !method.isSynthetic())
        .toList();
  }

  private static LoadFailure notThere(Class<?> type, String wanted, List<Method> methods) {
    var names = methods.stream().map(Method::getName).distinct().sorted().limit(20);
    var list = names.collect(Collectors.joining(", "));
    var what = wanted == null ? "method" : "method \"" + wanted + '"';
    return LoadFailure.notFound(
        type.getName() + " has no public " + what + "; it has " + (list.isEmpty() ? "none" : list));
  }
}
