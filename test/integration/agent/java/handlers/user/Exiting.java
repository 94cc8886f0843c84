package user;

public class Exiting {
  public Exiting() {
    System.exit(1);
  }

  public String handleRequest() {
    return "never";
  }
}
