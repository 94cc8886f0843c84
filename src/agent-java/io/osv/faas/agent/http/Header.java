package io.osv.faas.agent.http;

/** A header as it is sent. */
public record Header(String name, String value) {
  private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

  /** Begins the names between gateway and agent; function code neither sees nor sends them. */
  private static final String OWN_PREFIX = "osv-faas-";

  public boolean is(String other) {
    return name.equalsIgnoreCase(other);
  }

  /** Whether it may be sent as it is: a line break in a header would begin another one. */
  public boolean isWellFormed() {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7f || c > 0xff) {
        return false;
      }
    }
    return isToken(name);
  }

  /** What names of headers and methods are made of (RFC 9110, 5.6.2). */
  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!alphanumeric && TOKEN_SIGNS.indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  public boolean isOwn() {
    int length = OWN_PREFIX.length();
    return name.length() > length && name.regionMatches(true, 0, OWN_PREFIX, 0, length);
  }
}
