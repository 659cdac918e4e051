package io.quorate.server.sim;

import io.quorate.data.OpResult;
import io.quorate.server.codec.CommandCodec;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.util.TreeSet;

/**
 * E1, E4, E5: a session ends at most once; at that entry all its ephemerals are gone; nothing of it
 * is created afterwards.
 */
final class SessionsEndForGood extends Checker {
  private final Ghost ghost;
  private final World world;
  private final TreeSet<Long> ended = new TreeSet<>();

  SessionsEndForGood(World world, Ghost ghost) {
    super("E4");
    this.world = world;
    this.ghost = ghost;
  }

  @Override
  void committed(int leader, LogEntry entry, ApplyResult result) {
    if (result == null || result.answer() instanceof OpResult.Failure) {
      return;
    }
    Command command = CommandCodec.decode(entry.payload());
    long session = 0;
    if (command instanceof Command.CloseSession close) {
      session = close.sessionId();
    } else if (command instanceof Command.ExpireSession expire) {
      session = expire.sessionId();
      world.marks().hit(Mark.EXPIRY);
    } else if (command instanceof Command.Write write) {
      require(
          !ended.contains(write.sessionId()),
          leader,
          String.format(
              "0x%x writes for session 0x%x, which ended", entry.zxid(), write.sessionId()));
      return;
    } else if (command instanceof Command.AttachSession attach) {
      require(
          !ended.contains(attach.sessionId()),
          leader,
          String.format(
              "0x%x attaches session 0x%x, which ended", entry.zxid(), attach.sessionId()));
      return;
    }
    if (session != 0) {
      require(ended.add(session), leader, String.format("session 0x%x ends twice", session));
      require(
          ghost.shadow().session(session) == null,
          leader,
          String.format("session 0x%x is open after its end", session));
      for (String path : ghost.model().paths()) {
        ReferenceModel.Znode znode = ghost.model().znodeAt(path, entry.zxid());
        require(
            znode == null || znode.owner() != session,
            leader,
            String.format("%s outlives its session 0x%x", path, session));
      }
    }
  }
}
