package io.quorate.server.replication;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What storage found on disk at the start, or has after an installed history: durable, verified,
 * nothing from memory (R4).
 *
 * @param promise null if there is no valid superblock slot: an empty or wiped data directory
 * @param snapshot the newest verified snapshot, or null
 * @param log identifiers of every retained entry; its base is at or below the snapshot, or 0
 * @param holes entries that are known by identifier but damaged; a server with a hole does not vote
 */
public record Recovered(
    @Nullable Promise promise,
    @Nullable SnapshotMeta snapshot,
    LogIdentifiers log,
    List<Hole> holes) {
  public Recovered {
    holes = List.copyOf(holes);
  }

  /** A damaged entry whose identifier survived. */
  public record Hole(long zxid, String where, String what) {}
}
