package io.osv.faas;

/**
 * A function that answers HTTP requests. The agent makes one instance of it, with the constructor
 * that takes nothing, and calls it from as many threads at once as the VM has slots.
 */
@FunctionalInterface
public interface HttpFunction {
  /** Whatever is thrown is answered 500; the log has it in full. */
  Response handle(Request request, Context context) throws Exception;
}
