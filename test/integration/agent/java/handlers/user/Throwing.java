package user;

public class Throwing {
  public Throwing() {
    throw new IllegalStateException("no database");
  }

  public String handleRequest() {
    return "never";
  }
}
