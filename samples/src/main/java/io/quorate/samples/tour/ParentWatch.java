package io.quorate.samples.tour;

import java.io.IOException;

/**
 * Ends a child process when the one that started it is gone, however that ended: the pipe to
 * standard input closes.
 */
final class ParentWatch {
  private ParentWatch() {}

  static void endWithParent() {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // Nothing is ever sent; only the end matters.
                }
              } catch (IOException e) {
                // As good as the end.
              }
              Runtime.getRuntime().halt(0);
            },
            "parent-watch");
    thread.setDaemon(true);
    thread.start();
  }
}
