package user;

import com.amazonaws.services.lambda.runtime.Context;
import java.util.Map;

/** As people have written them for AWS Lambda. */
public class Aws {
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    context.getLogger().log("by its logger");
    var time = context.getRemainingTimeInMillis() > 0 ? "time left" : "no time";
    return Map.of(
        "statusCode", 201,
        "headers", Map.of("x-id", context.getAwsRequestId(), "osv-faas-error", "forged"),
        "cookies", java.util.List.of("a=1", "b=2"),
        "body", event.get("rawPath") + " " + context.getFunctionName() + " " + time);
  }

  public Map<String, Object> event(Map<String, Object> event) {
    return event;
  }
}
