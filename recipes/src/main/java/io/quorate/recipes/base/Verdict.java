package io.quorate.recipes.base;

import io.quorate.client.Op;
import io.quorate.client.QuorateException;
import io.quorate.data.ZnodePath;
import java.util.List;

/** What a policy says about a place in a queue; see {@link QueuePolicy}. */
public sealed interface Verdict {
  /** It is granted, now and without another word to the ensemble. */
  Verdict GRANTED = new Granted(List.of());

  /**
   * Granted once {@code ops} are done, in one multi with a guard of one's own znode; with none, at
   * once. If a condition among them fails, the queue is looked at again.
   */
  record Granted(List<Op> ops) implements Verdict {
    public Granted {
      ops = List.copyOf(ops);
    }
  }

  /**
   * To be done, in one multi with a guard of one's own znode; then the queue is looked at again.
   */
  record Act(List<Op> ops) implements Verdict {
    public Act {
      ops = List.copyOf(ops);
    }
  }

  /** The data of this znode has to be known; if it is gone, the queue is looked at again. */
  record Read(String path) implements Verdict {}

  /**
   * Not yet: the queue is looked at again when something happens to this znode.
   *
   * @param deletionGrants whether it is granted without looking again when the znode is gone
   * @param onlyDeletion whether nothing but its deletion matters; otherwise changes of its data and
   *     children do as well
   */
  record Wait(String path, boolean deletionGrants, boolean onlyDeletion) implements Verdict {}

  /** Never; the place is given up. */
  record Refused(QuorateException reason) implements Verdict {}

  static Verdict waitForEnd(String directory, Place before, boolean deletionGrants) {
    return new Wait(ZnodePath.child(directory, before.name()), deletionGrants, true);
  }

  static Verdict waitForChange(String path) {
    return new Wait(path, false, false);
  }
}
