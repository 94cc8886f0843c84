package io.osv.faas;

/** A function that also takes connections that leave HTTP: WebSockets and the like. */
public interface UpgradeFunction extends HttpFunction {
  /**
   * Serves one connection, which holds its slot until this returns; then it is closed.
   * The timeout ends it only as long as nothing was sent.
   */
  void upgrade(Request request, Connection connection, Context context) throws Exception;
}
