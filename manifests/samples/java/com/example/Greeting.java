package com.example;

import java.util.Map;

/** A plain method, as AWS Lambda calls them: the event in, the answer out. */
public final class Greeting {
  public Map<String, Object> greet(Map<String, Object> event) {
    var query = event.get("queryStringParameters");
    var name = query instanceof Map<?, ?> parameters ? parameters.get("name") : null;
    var word = System.getenv().getOrDefault("WORD", "Hello");
    return Map.of(
        "statusCode", 200,
        "headers", Map.of("content-type", "text/plain"),
        "body", word + ", " + (name == null ? "world" : name) + "\n");
  }
}
