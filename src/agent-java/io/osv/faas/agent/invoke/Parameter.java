package io.osv.faas.agent.invoke;

import io.osv.faas.Context;
import io.osv.faas.Request;
import io.osv.faas.agent.load.LoadFailure;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.util.Map;

/** What a method may want to be given. */
enum Parameter {
  /** {@code Map} or {@code Object}: the event of AWS Lambda's function URLs. */
  EVENT,
  /** {@code String}, {@code byte[]}: the request's body. */
  TEXT,
  BYTES,
  /** {@code InputStream}: the body, or the event as JSON beside an {@code OutputStream}. */
  INPUT,
  OUTPUT,
  REQUEST,
  CONTEXT,
  /** AWS Lambda's own interface, out of the function's jars. */
  AWS_CONTEXT;

  static Parameter of(Class<?> type, Method method, int position) throws LoadFailure {
    if (type == Map.class || type == Object.class) {
      return EVENT;
    }
    if (type == String.class) {
      return TEXT;
    }
    if (type == byte[].class) {
      return BYTES;
    }
    if (type == InputStream.class) {
      return INPUT;
    }
    if (type == OutputStream.class) {
      return OUTPUT;
    }
    return ofContext(type, method, position);
  }

  private static Parameter ofContext(Class<?> type, Method method, int position)
      throws LoadFailure {
    if (type == Request.class) {
      return REQUEST;
    }
    if (type == Context.class) {
      return CONTEXT;
    }
    if (type.isInterface() && type.getName().equals(AwsContext.INTERFACE)) {
      return AWS_CONTEXT;
    }
    var place = method.getDeclaringClass().getName() + "::" + method.getName();
    var detail =
        "parameter " + position + " of " + place + " is a " + type.getName()
            + "; it may be Map, String, byte[], InputStream, OutputStream, Request or Context";
    throw new LoadFailure("HandlerNotFound", detail, null);
  }
}
