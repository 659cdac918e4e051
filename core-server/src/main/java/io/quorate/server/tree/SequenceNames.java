package io.quorate.server.tree;

/** The digits that complete the names of sequential znodes. */
public final class SequenceNames {
  private static final int WIDTH = 10;

  private SequenceNames() {}

  /**
   * ZooKeeper's {@code %010d} of a signed int, in ASCII: ten characters at least, zeros after the
   * sign; eleven from -1,000,000,000 down.
   */
  public static String suffix(int counter) {
    long magnitude = Math.abs((long) counter);
    String digits = Long.toString(magnitude);
    StringBuilder suffix = new StringBuilder(WIDTH + 1);
    int zeros = WIDTH - digits.length();
    if (counter < 0) {
      suffix.append('-');
      zeros--;
    }
    while (zeros-- > 0) {
      suffix.append('0');
    }
    return suffix.append(digits).toString();
  }
}
