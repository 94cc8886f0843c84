package user;

public class Waiting {
  public Waiting() {
    try { Thread.sleep(60_000); } catch (InterruptedException e) { Thread.currentThread().interrupt(); }
  }

  public String handleRequest() {
    return "never";
  }
}
