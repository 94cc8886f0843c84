package user;

/** Something that is there once for each class loader. */
public class Counter {
  private static int count;

  public synchronized String next() {
    return Integer.toString(++count);
  }
}
