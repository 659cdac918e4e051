package io.quorate.server;

import io.quorate.server.base.FaultHandler;
import io.quorate.server.node.NodeHaltedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once, without any shutdown hook: a server in an unknown state must not take
 * part for another moment (R16, R27). What was acknowledged is on disk.
 */
public final class TerminatingFaultHandler implements FaultHandler {
  /** Exit code of a server that stopped itself. */
  public static final int EXIT_CODE = 70;

  private static final Logger LOG = LoggerFactory.getLogger(TerminatingFaultHandler.class);

  @Override
  public void fatal(String where, Throwable cause) {
    try {
      if (cause instanceof NodeHaltedException) {
        LOG.error("{} stops: {}", where, cause.getMessage()); // meant for people, no stack needed
      } else {
        LOG.error("{} can't go on: the process ends", where, cause);
      }
    } finally {
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }
}
