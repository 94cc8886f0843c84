package io.osv.faas.agent.http;

/** A header as it is sent. */
public record Header(String name, String value) {
  /** Begins the names between gateway and agent; function code neither sees nor sends them. */
  private static final String OWN_PREFIX = "osv-faas-";

  public boolean is(String other) {
    return name.equalsIgnoreCase(other);
  }

  public boolean isOwn() {
    int length = OWN_PREFIX.length();
    return name.length() > length && name.regionMatches(true, 0, OWN_PREFIX, 0, length);
  }
}
