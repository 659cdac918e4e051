package io.quorate.server.statemachine;

import io.quorate.data.OpResult;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;

/**
 * What applying one command did.
 *
 * @param answer for the client, if it is connected here: {@code Done} for session commands, the
 *     result of the operation for writes. A repeated write number has its first answer
 * @param answerZxid the zxid that belongs to the answer: of this entry, or of the entry that first
 *     gave a repeated answer
 * @param changes in the order made, for watches; empty if nothing changed
 */
public record ApplyResult(OpResult answer, long answerZxid, List<ZnodeChange> changes) {
  public ApplyResult {
    changes = List.copyOf(changes);
  }
}
