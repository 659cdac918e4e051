package io.quorate.server.sim;

import io.quorate.data.WatchEvent;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.statemachine.ApplyResult;
import java.util.List;

/**
 * One property that must hold in every run. Told of what happens; throws {@link Violation} in its
 * own name when the property is broken. {@code docs/invariants.md} lists them.
 */
abstract class Checker {
  private final String rule;

  /**
   * @param property identifier of the property in {@code docs/invariants.md}
   */
  Checker(String property) {
    this.rule = property + " " + getClass().getSimpleName();
  }

  final String rule() {
    return rule;
  }

  final void require(boolean condition, int node, String message) {
    if (!condition) {
      throw new Violation(rule, node, message);
    }
  }

  /** An entry was added to the committed sequence; {@code result} null unless it is a command. */
  void committed(int leader, LogEntry entry, ApplyResult result) {}

  /** A replica's status is another one after an event. */
  void statusChanged(Machine machine, ReplicaStatus before, ReplicaStatus after) {}

  /** A server has applied up to {@code zxid}, further than before this event. */
  void applied(Machine machine, long zxid, long digest) {}

  /** A server is about to cut its log. */
  void truncating(Machine machine, long afterZxid) {}

  /** A server is about to replace its history by one that ends as {@code installed} says. */
  void replacing(Machine machine, Recovered installed) {}

  /** A server read its disk after a start; {@link Machine#log} still says what it should hold. */
  void recovered(Machine machine, Recovered found) {}

  /** A promise is durable. */
  void promised(Machine machine, Promise promise) {}

  /** A message of that session reached this server, which leads and serves. */
  void heard(Machine leader, long session) {}

  /** A client of the leader's own sent that write; whether it is proposed is not known yet. */
  void writeArrived(Machine leader, long session, long number) {}

  /** A leader gives entries of its own to its log. */
  void proposed(Machine leader, List<LogEntry> entries) {}

  /** A client makes a call. */
  void called(SimClient client, Call call) {}

  /** A client's call is answered. */
  void answered(SimClient client, Call call) {}

  /** A watch of a client fired. */
  void fired(SimClient client, SimClient.Watch watch, long zxid) {}

  /** A persistent watch of a client is told of a change. */
  void told(SimClient client, LastingWatch watch, WatchEvent event) {}

  /** A persistent watch of a client is told that changes may have been missed. */
  void resynced(SimClient client, LastingWatch watch) {}

  /** The run is over and the ensemble was healed: all of the committed sequence is known. */
  void ended(Simulation simulation) {}
}
