package io.quorate.server.cli;

/** The main class of the distribution's {@code bin/quorate}. */
public final class QuorateMain {
  private static final String USAGE =
      """
      usage: quorate <command> [options]
      No commands are available in this build.
      """;

  private QuorateMain() {}

  public static void main(String[] args) {
    System.out.print(USAGE);
    System.exit(args.length == 0 ? 0 : 64);
  }
}
