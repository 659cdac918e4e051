package io.quorate.server.sim;

import io.quorate.server.replication.LogEntry;
import java.util.TreeMap;

/**
 * Z1, Z2, Z8, S5, S10, E6: what a server has applied is a prefix of the committed sequence, durable
 * on its own disk, and its state is the fold of that prefix: the digest is the one of the
 * reference. A server whose state was altered on purpose may differ until it has found that out;
 * that it does is seen when all come to rest.
 */
final class AppliedIsCommitted extends Checker {
  private final Ghost ghost;
  private final TreeMap<Integer, Long> applied = new TreeMap<>();
  private final TreeMap<Integer, Long> lives = new TreeMap<>();

  AppliedIsCommitted(Ghost ghost) {
    super("S10");
    this.ghost = ghost;
  }

  @Override
  void applied(Machine machine, long zxid, long digest) {
    LogEntry entry = ghost.find(zxid);
    require(
        entry != null, machine.id(), String.format("applied 0x%x, which is not committed", zxid));
    require(
        ghost.holds(machine.log(), zxid, entry.chainHash()),
        machine.id(),
        String.format("applied 0x%x, which its own disk does not hold", zxid));
    require(
        ghost.digestAt(zxid) == digest || machine.wasAltered(),
        machine.id(),
        String.format(
            "state at 0x%x has digest %x, expected %x", zxid, digest, ghost.digestAt(zxid)));
    Long life = lives.put(machine.id(), machine.life());
    Long before = applied.put(machine.id(), zxid);
    require(
        life == null || life != machine.life() || before == null || zxid > before,
        machine.id(),
        String.format("applied 0x%x after 0x%x", zxid, before));
  }
}
