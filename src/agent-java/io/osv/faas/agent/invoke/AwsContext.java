package io.osv.faas.agent.invoke;

import io.osv.faas.agent.load.Call;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;

/**
 * The context of AWS Lambda for functions whose jars bring its interface: whoever has such a class
 * need not change it. What this project has no answer for is null.
 */
final class AwsContext implements InvocationHandler {
  static final String INTERFACE = "com.amazonaws.services.lambda.runtime.Context";

  private static final int MIB = 1024 * 1024;

  private final Call call;

  private AwsContext(Call call) {
    this.call = call;
  }

  static Object of(Call call, Class<?> type) {
    return proxy(type, new AwsContext(call));
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] arguments) {
    var fn = call.fn();
    return switch (method.getName()) {
      case "getAwsRequestId" -> call.requestId();
      case "getFunctionName" -> fn.name();
      case "getFunctionVersion" -> "$LATEST";
      case "getInvokedFunctionArn" -> "urn:osv-faas:function:" + fn.name();
      case "getLogGroupName" -> "/osv-faas/" + fn.name();
      case "getLogStreamName" -> fn.spec().digest();
      case "getRemainingTimeInMillis" -> (int) Math.max(0, call.remainingMs());
      case "getMemoryLimitInMB" -> (int) (Runtime.getRuntime().maxMemory() / MIB);
      case "getLogger" -> proxy(method.getReturnType(), AwsContext::log);
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(this);
      case "toString" -> Map.of("requestId", call.requestId()).toString();
      default -> null;
    };
  }

  private static Object log(Object proxy, Method method, Object[] arguments) {
    if (method.getName().equals("log") && arguments.length > 0) {
      var text = arguments[0] instanceof byte[] bytes ? new String(bytes) : arguments[0];
      System.out.println(text);
    }
    return null;
  }
}
