package io.osv.faas;

import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An HTTP request. */
public interface Request {
  String method();

  /** Path and query as they were sent. */
  String target();

  /** The target without its query, not decoded. */
  String path();

  /** First value of a query parameter, decoded. */
  Optional<String> query(String name);

  /** By name, in lower case; a name that was sent several times has several values. */
  Map<String, List<String>> headers();

  /** First value of a header, whatever the case of {@code name}. */
  Optional<String> header(String name);

  /** The body as it arrives; empty when there is none. */
  InputStream body();
}
