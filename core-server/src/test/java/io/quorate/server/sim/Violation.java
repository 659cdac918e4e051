package io.quorate.server.sim;

/** Something that must always hold did not: ends the run and names the rule. */
final class Violation extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String rule;
  private final int node;

  /**
   * @param rule name of the checker, with the identifier of the property it checks
   * @param node the server concerned; 0 if none in particular
   */
  Violation(String rule, int node, String message) {
    super(message);
    this.rule = rule;
    this.node = node;
  }

  Violation(String rule, int node, String message, Throwable cause) {
    super(message, cause);
    this.rule = rule;
    this.node = node;
  }

  String rule() {
    return rule;
  }

  int node() {
    return node;
  }
}
