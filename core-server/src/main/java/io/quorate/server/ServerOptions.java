package io.quorate.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.node.Applier;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.storage.Disk;
import java.util.function.UnaryOperator;

/**
 * What a server needs of the program around it, and no configuration file says.
 *
 * @param faults told when the server can't go on: ends the process, or lets a test know
 * @param meters where everything is counted
 * @param observer hears what the node does, on the node thread
 * @param disk laid around the disk of the data directory; the identity but in tests
 * @param applier how commands reach the state; {@link Applier#TRUE} but in tests
 */
public record ServerOptions(
    FaultHandler faults,
    MeterRegistry meters,
    NodeObserver observer,
    UnaryOperator<Disk> disk,
    Applier applier) {
  /** With the true applier. */
  public ServerOptions(
      FaultHandler faults, MeterRegistry meters, NodeObserver observer, UnaryOperator<Disk> disk) {
    this(faults, meters, observer, disk, Applier.TRUE);
  }

  /** The usual: nothing observes, the disk is the disk. */
  public static ServerOptions of(FaultHandler faults, MeterRegistry meters) {
    return new ServerOptions(faults, meters, NodeObserver.NONE, UnaryOperator.identity());
  }
}
