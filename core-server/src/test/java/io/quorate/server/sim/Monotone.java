package io.quorate.server.sim;

import io.quorate.server.replication.Promise;
import java.util.TreeMap;

/**
 * S4: the promised epoch of one life of a disk never decreases, and a vote of an epoch is never
 * given to a second server.
 */
final class Monotone extends Checker {
  private record Life(int node, long incarnation) {}

  private final TreeMap<String, Promise> promises = new TreeMap<>();

  Monotone() {
    super("S4");
  }

  @Override
  void promised(Machine machine, Promise promise) {
    String life = new Life(machine.id(), promise.incarnation()).toString();
    Promise earlier = promises.put(life, promise);
    if (earlier == null) {
      return;
    }
    require(
        promise.epoch() >= earlier.epoch(),
        machine.id(),
        "promises epoch " + promise.epoch() + " after " + earlier.epoch());
    require(
        promise.epoch() > earlier.epoch()
            || earlier.votedFor() == 0
            || promise.votedFor() == earlier.votedFor(),
        machine.id(),
        "votes for n"
            + promise.votedFor()
            + " in epoch "
            + promise.epoch()
            + " after it voted for n"
            + earlier.votedFor());
  }
}
