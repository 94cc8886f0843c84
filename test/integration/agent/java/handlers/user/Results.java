package user;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Results that are more than maps, text and numbers. */
public class Results {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  /** Like AWS's own class of answers. */
  public static class Encoded {
    public int getStatusCode() {
      return 200;
    }

    public String getBody() {
      return "aGVsbG8=";
    }

    public boolean isBase64Encoded() {
      return true;
    }
  }

  public static class Failing {
    public int getStatusCode() {
      throw new IllegalStateException("secret of the getter");
    }
  }

  public Map<String, Object> values() {
    var values = new LinkedHashMap<String, Object>();
    values.put("at", AT);
    values.put("date", Date.from(AT));
    values.put("sql", new java.sql.Date(AT.toEpochMilli()));
    values.put("for", Duration.ofMinutes(1));
    values.put("id", new UUID(0, 1));
    values.put("some", Optional.of(List.of(1.5)));
    values.put("none", Optional.empty());
    values.put("nothing", null);
    return values;
  }

  public Map<String, Object> headers() {
    var headers = new HashMap<String, Object>();
    headers.put("x-null", null);
    headers.put("x-time", AT);
    headers.put("x-number", 2.0);
    headers.put("x-maybe", Optional.of("yes"));
    return Map.of(
        "statusCode", 201.0, "headers", headers, "cookies", Arrays.asList(null, "a=1"), "body", AT);
  }

  public CompletableFuture<String> later() {
    return CompletableFuture.supplyAsync(() -> "later");
  }

  public CompletableFuture<String> laterFails() {
    return CompletableFuture.failedFuture(new IllegalStateException("too late"));
  }

  public CompletableFuture<String> never() {
    return new CompletableFuture<>();
  }

  public Encoded encoded() {
    return new Encoded();
  }

  public Failing failing() {
    return new Failing();
  }

  public Stream<String> stream() {
    return Stream.of("a", "b");
  }

  public List<Object> nested() {
    return List.of(Map.of("thread", new Thread()));
  }
}
