package io.quorate.server.sim;

import io.quorate.data.OpResult;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;

/**
 * D11: when the expiry of a session becomes a fact, the safe deadline of its client has passed by
 * the client's own clock, and a client that runs has signalled LOST.
 */
final class ClientSignalsLostBeforeExpiry extends Checker {
  private final Simulation simulation;

  ClientSignalsLostBeforeExpiry(Simulation simulation) {
    super("D11");
    this.simulation = simulation;
  }

  @Override
  void committed(int leader, LogEntry entry, ApplyResult result) {
    if (result == null
        || !(result.answer() instanceof OpResult.Done)
        || !(CommandCodec.decode(entry.payload()) instanceof Command.ExpireSession expire)) {
      return;
    }
    for (SimClient client : simulation.clients()) {
      if (client.liveSession() == expire.sessionId()) {
        require(
            !client.isSafe(),
            client.id(),
            String.format(
                "session 0x%x expires at 0x%x while its client counts itself safe",
                expire.sessionId(), entry.zxid()));
        require(
            client.isPaused() || client.isTickDue(),
            client.id(),
            String.format(
                "session 0x%x expires at 0x%x before its client signalled LOST",
                expire.sessionId(), entry.zxid()));
      }
    }
  }
}
