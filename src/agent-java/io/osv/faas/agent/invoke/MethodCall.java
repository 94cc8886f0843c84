package io.osv.faas.agent.invoke;

import io.osv.faas.Response;
import io.osv.faas.agent.load.Call;
import io.osv.faas.agent.load.Handler;
import io.osv.faas.agent.load.LoadFailure;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** Calls any public method, as AWS Lambda does: its parameters say what it gets, its result is the answer. */
public final class MethodCall implements Handler {
  private final Method method;
  private final Object instance;
  private final List<Parameter> parameters;

  private MethodCall(Method method, Object instance, List<Parameter> parameters) {
    this.method = method;
    this.instance = instance;
    this.parameters = parameters;
  }

  /**
   * {@code instance} is null for a static method.
   *
   * @throws LoadFailure naming a parameter that cannot be filled
   */
  public static MethodCall of(Method method, Object instance) throws LoadFailure {
    var parameters = new ArrayList<Parameter>();
    for (var type : method.getParameterTypes()) {
      parameters.add(Parameter.of(type, method, parameters.size() + 1));
    }
    // Its class may be hidden in its package, the method is public.
    method.setAccessible(true);
    return new MethodCall(method, instance, List.copyOf(parameters));
  }

  @Override
  public void call(Call call) throws Exception {
    var input = new MethodInput(call, parameters.contains(Parameter.OUTPUT));
    var arguments = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      arguments.add(input.argument(parameters.get(i), method.getParameterTypes()[i]));
    }
    var result = awaited(invoke(arguments.toArray()));
    Answer.send(call, answerOf(result, input.output()));
  }

  private Response answerOf(Object result, ByteArrayOutputStream output) {
    if (result instanceof Response response) {
      return response;
    }
    return parameters.contains(Parameter.OUTPUT)
        ? LambdaResult.ofStream(output.toByteArray())
        : LambdaResult.of(result);
  }

  private Object invoke(Object[] arguments) throws Exception {
    try {
      return method.invoke(instance, arguments);
    } catch (InvocationTargetException e) {
      throw causeOf(e);
    }
  }

  /** A stage means its result. The interrupt at the timeout ends the wait. */
  private static Object awaited(Object result) throws Exception {
    if (!(result instanceof CompletionStage<?> stage)) {
      return result;
    }
    try {
      return stage.toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw causeOf(e);
    }
  }

  private static Exception causeOf(Exception wrapper) {
    if (wrapper.getCause() instanceof Error error) {
      throw error;
    }
    return (Exception) wrapper.getCause();
  }
}
