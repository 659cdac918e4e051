package io.quorate.samples.tour;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Runs the {@link Tour}. Exit code 0 if every check held, 1 if not, 2 for wrong arguments. */
public final class TourMain {
  private static final String USAGE =
      """
      usage: tour [--keep] [--break fencing] [--dir DIR]
        --keep           leave the servers running at the end, until Ctrl-C
        --break fencing  let the store accept stale tokens; the tour must fail then
        --dir DIR        where data and logs go (default samples/target/tour)
      """;

  private TourMain() {}

  public static void main(String[] args) throws InterruptedException {
    Tour.Options options = parse(args);
    if (options == null) {
      System.err.print(USAGE);
      System.exit(2);
      return;
    }
    Tour tour = new Tour(options);
    // Ctrl-C ends the JVM through here, so that no process is left behind; kill -9 of this process
    // ends them as well, because their
    // standard input ends.
    Runtime.getRuntime().addShutdownHook(new Thread(tour::close, "tour-cleaner"));
    System.exit(tour.run() ? 0 : 1);
  }

  private static Tour.@Nullable Options parse(String[] args) {
    Path directory = Path.of("samples", "target", "tour");
    boolean fencing = true;
    boolean keep = false;
    for (int i = 0; i < args.length; i++) {
      boolean hasNext = i + 1 < args.length;
      if (args[i].equals("--keep")) {
        keep = true;
      } else if (args[i].equals("--break") && hasNext && args[i + 1].equals("fencing")) {
        fencing = false;
        i++;
      } else if (args[i].equals("--dir") && hasNext) {
        i++;
        directory = Path.of(args[i]);
      } else {
        return null;
      }
    }
    return new Tour.Options(directory, fencing, keep);
  }
}
