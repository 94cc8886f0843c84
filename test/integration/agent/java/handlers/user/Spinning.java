package user;

public class Spinning {
  private static volatile boolean forEver = true;

  static {
    while (forEver) {}
  }

  public String handleRequest() {
    return "never";
  }
}
