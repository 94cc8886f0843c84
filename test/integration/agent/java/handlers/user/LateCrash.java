package user;

/** Starts a thread while it loads that fails later. */
public class LateCrash extends Faults {
  public LateCrash() {
    new Thread(
            () -> {
              try {
                Thread.sleep(500);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new IllegalStateException("in the background");
            })
        .start();
  }
}
