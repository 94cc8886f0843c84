package io.osv.faas.agent.load;

/** Why a function cannot be called; goes into state, bind answer and condition. */
public final class LoadFailure extends Exception {
  private static final long serialVersionUID = 1;
  /** Of a longer text the begin is told: the operator takes no answer without bounds. */
  private static final int MAX_DETAIL = 2_000;

  /** Name of the class loader that a function's own code comes from. */
  static final String CODE = "function";

  private final String reason;

  /** {@code reason} is HandlerNotFound, ModuleNotFound, SyntaxError or LoadFailed. */
  public LoadFailure(String reason, String detail, Throwable cause) {
    super(detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) : detail, cause);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }

  static LoadFailure notFound(String detail) {
    return new LoadFailure("HandlerNotFound", detail, null);
  }

  /** Names the cause of what loading a class threw. */
  public static LoadFailure of(Throwable error) {
    if (error instanceof LoadFailure failure) {
      return failure;
    }
    if (error instanceof ExceptionInInitializerError && error.getCause() != null) {
      return of(error.getCause());
    }
    if (error instanceof NoClassDefFoundError || error instanceof ClassNotFoundException) {
      var name = String.valueOf(error.getMessage()).replace('/', '.');
      return new LoadFailure("ModuleNotFound", "the class " + name + " cannot be found", error);
    }
    if (error instanceof ClassFormatError || error instanceof VerifyError) {
      return new LoadFailure("SyntaxError", "a class file cannot be read: " + error, error);
    }
    return new LoadFailure("LoadFailed", error + placeOf(error), error);
  }

  private static String placeOf(Throwable error) {
    for (var frame : error.getStackTrace()) {
      if (frame.getClassLoaderName() != null && frame.getClassLoaderName().equals(CODE)) {
        return " (" + frame.getFileName() + ":" + frame.getLineNumber() + ")";
      }
    }
    return "";
  }
}
