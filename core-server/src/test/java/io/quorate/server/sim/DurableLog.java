package io.quorate.server.sim;

import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.LogIdentifiers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server's disk is known to hold (D_i): the positions of its history, known from watching
 * the calls to its storage, not from asking it. Purged positions are remembered as long as this
 * history goes on.
 */
final class DurableLog {
  private LogIdentifiers durable = new LogIdentifiers(0, 0);
  private final List<LogEntry> written = new ArrayList<>();

  /** Entries were handed to the disk. */
  void wrote(List<LogEntry> entries) {
    written.addAll(entries);
  }

  /** Everything handed over is durable. */
  void synced() {
    for (LogEntry entry : written) {
      durable.append(entry.zxid(), entry.chainHash());
    }
    written.clear();
  }

  /** The disk lost its power; what storage found afterwards is the history now. */
  void recovered(LogIdentifiers found) {
    written.clear();
    durable = found.copy();
  }

  void truncated(long afterZxid) {
    synced();
    durable.truncateAfter(afterZxid);
  }

  /** A history installed from a leader. */
  void replaced(LogIdentifiers installed) {
    recovered(installed);
  }

  void wiped() {
    recovered(new LogIdentifiers(0, 0));
  }

  long lastZxid() {
    return durable.lastZxid();
  }

  long lastHash() {
    return durable.lastHash();
  }

  long baseZxid() {
    return durable.baseZxid();
  }

  /** Where this history stands at or below {@code zxid}; null if it begins later. */
  @Nullable EpochBoundary floor(long zxid) {
    return zxid < durable.baseZxid() ? null : durable.floor(zxid);
  }

  LogIdentifiers identifiers() {
    return durable;
  }
}
