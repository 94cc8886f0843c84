package contract;

import java.util.Map;

/** A plain method, as AWS Lambda has them: its result becomes JSON. */
public class Env {
  public Map<String, String> handleRequest(Map<String, Object> event) {
    return System.getenv();
  }
}
