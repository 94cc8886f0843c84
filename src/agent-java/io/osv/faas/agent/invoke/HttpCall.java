package io.osv.faas.agent.invoke;

import io.osv.faas.HttpFunction;
import io.osv.faas.UpgradeFunction;
import io.osv.faas.agent.load.Call;
import io.osv.faas.agent.load.Handler;

/** Calls a function that takes a request and returns a response; both bodies are streamed. */
public record HttpCall(HttpFunction function) implements Handler {
  @Override
  public void call(Call call) throws Exception {
    var exchange = call.exchange();
    var request = new HttpRequest(exchange.head(), exchange.body());
    var context = new CallContext(call);
    if (exchange.head().wantsUpgrade() && function instanceof UpgradeFunction upgrades) {
      call.makeLasting();
      var connection = new RawConnection(exchange);
      upgrades.upgrade(request, connection, context);
      connection.end();
    } else {
      Answer.send(call, function.handle(request, context));
    }
  }
}
