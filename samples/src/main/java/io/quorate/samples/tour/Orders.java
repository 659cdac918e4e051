package io.quorate.samples.tour;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * What whoever started this process tells it, line by line on standard input. The end of it means
 * that the other is gone, however it ended: then this process has to go, too.
 */
final class Orders {
  private Orders() {}

  /** Calls {@code onLine} and finally {@code onEnd} on a thread of its own. */
  static void listen(Consumer<String> onLine, Runnable onEnd) {
    Thread thread =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                while (line != null) {
                  onLine.accept(line);
                  line = lines.readLine();
                }
              } catch (IOException e) {
                // As good as the end.
                onEnd.run();
                return;
              }
              onEnd.run();
            },
            "orders");
    thread.setDaemon(true);
    thread.start();
  }
}
