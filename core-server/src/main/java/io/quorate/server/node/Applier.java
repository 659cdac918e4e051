package io.quorate.server.node;

import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;

/**
 * Port: how a committed command reaches the state. The true one hands it on; one that does not is
 * how a replica that computes something else is told from its peers. Called on the node thread.
 */
@FunctionalInterface
public interface Applier {
  /** Hands the command on. */
  Applier TRUE = StateMachine::apply;

  /** As {@link StateMachine#apply}. */
  ApplyResult apply(StateMachine state, long zxid, long timeMillis, Command command);
}
