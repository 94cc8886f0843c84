package io.osv.faas.agent.json;

import java.io.Closeable;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Calendar;
import java.util.Currency;
import java.util.Date;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.stream.BaseStream;

/** What objects of the JDK's mean that have getters, none of which is it. */
final class Plain {
  private Plain() {}

  /**
   * Times as ISO 8601, names as text, an optional as what it holds; anything else as it is.
   *
   * @throws JsonException for what is no value but a way to get some
   */
  static Object of(Object value) {
    if (value instanceof Date date) {
      return Instant.ofEpochMilli(date.getTime()).toString();
    }
    if (value instanceof Calendar calendar) {
      return calendar.toInstant().toString();
    }
    if (value instanceof Optional<?> optional) {
      return optional.orElse(null);
    }
    if (isTime(value) || isName(value)) {
      return value.toString();
    }
    if (isSource(value)) {
      throw new JsonException("a " + value.getClass().getName() + " is no value");
    }
    return value;
  }

  private static boolean isTime(Object value) {
    return value instanceof TemporalAccessor
        || value instanceof TemporalAmount
        || value instanceof ZoneId;
  }

  private static boolean isName(Object value) {
    return value instanceof UUID
        || value instanceof URI
        || value instanceof URL
        || value instanceof Path
        || value instanceof Locale
        || value instanceof Currency
        || value instanceof Class<?>;
  }

  private static boolean isSource(Object value) {
    return value instanceof Future<?>
        || value instanceof CompletionStage<?>
        || value instanceof Flow.Publisher<?>
        || value instanceof BaseStream<?, ?>
        || value instanceof Iterator<?>
        || value instanceof Closeable
        || value instanceof Thread
        || value instanceof Throwable;
  }
}
