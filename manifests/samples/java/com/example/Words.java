package com.example;

import io.osv.faas.Context;
import io.osv.faas.HttpFunction;
import io.osv.faas.Request;
import io.osv.faas.Response;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts the words of a text as it comes in; answers the most frequent ones as JSON. */
public final class Words implements HttpFunction {
  private static final int SHOWN = 5;

  @Override
  public Response handle(Request request, Context context) throws IOException {
    var counts = new HashMap<String, Integer>();
    var reader = new BufferedReader(new InputStreamReader(request.body(), StandardCharsets.UTF_8));
    for (var line = reader.readLine(); line != null; line = reader.readLine()) {
      for (var word : line.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
        if (!word.isEmpty()) {
          counts.merge(word, 1, Integer::sum);
        }
      }
    }
    System.out.println(counts.size() + " different words");
    var byCount = Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder());
    var most =
        counts.entrySet().stream()
            .sorted(byCount.thenComparing(Map.Entry.comparingByKey()))
            .limit(SHOWN)
            .map(entry -> '"' + entry.getKey() + "\":" + entry.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    return Response.json("{\"words\":" + counts.values().stream().mapToInt(n -> n).sum()
        + ",\"different\":" + counts.size() + ",\"most\":" + most + "}\n");
  }
}
