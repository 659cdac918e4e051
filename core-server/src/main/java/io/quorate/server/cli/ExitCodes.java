package io.quorate.server.cli;

/** What the commands end with. The numbers are promised in docs/operations/command-line.md. */
final class ExitCodes {
  /** Done. */
  static final int OK = 0;

  /**
   * The answer is no: the ensemble refused the operation, {@code check} found damage, {@code
   * status} found no leader that serves.
   */
  static final int NO = 1;

  /** {@code check} could not read the data directory. */
  static final int UNREADABLE = 2;

  /** The command line is not right. */
  static final int USAGE = 64;

  /** No server answered or serves, or a server could not get its port or its data directory. */
  static final int UNAVAILABLE = 69;

  /** A mistake of the program, or a server that stopped itself. */
  static final int INTERNAL = 70;

  /** The configuration is not right. */
  static final int CONFIG = 78;

  private ExitCodes() {}
}
