package io.osv.faas.agent.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A request without its body. */
public record Head(String method, String target, boolean is11, List<Header> headers) {
  /** The value of a header that is there once; null for none. */
  public String one(String name) {
    for (var header : headers) {
      if (header.is(name)) {
        return header.value();
      }
    }
    return null;
  }

  public List<String> all(String name) {
    var values = new ArrayList<String>(1);
    for (var header : headers) {
      if (header.is(name)) {
        values.add(header.value());
      }
    }
    return values;
  }

  public boolean wantsUpgrade() {
    return lists("connection", "upgrade") && one("upgrade") != null && !"h2c".equals(one("upgrade"));
  }

  public boolean keepAlive() {
    return is11 ? !lists("connection", "close") : lists("connection", "keep-alive");
  }

  public boolean expectsContinue() {
    return is11 && lists("expect", "100-continue");
  }

  public boolean isChunked() {
    return one("transfer-encoding") != null;
  }

  /** Bytes of the body when it is not chunked. */
  public long contentLength() {
    var length = one("content-length");
    return length == null ? 0 : Long.parseLong(length);
  }

  private boolean lists(String name, String word) {
    for (var value : all(name)) {
      for (var part : value.toLowerCase(Locale.ROOT).split(",")) {
        if (part.strip().equals(word)) {
          return true;
        }
      }
    }
    return false;
  }
}
