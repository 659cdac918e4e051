package io.quorate.server.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Hands out what is committed and durable here, in order, once, in slices. */
final class Delivery {
  private static final long NO_READ = 0;

  private final NodeState node;
  private long readToken = NO_READ;

  Delivery(NodeState node) {
    this.node = node;
  }

  /** A read under way belongs to a history that is gone. */
  void reset() {
    readToken = NO_READ;
  }

  /** One slice, if there is something to deliver; the next step goes on. */
  void pump() {
    LogView log = node.log();
    long until = Math.min(log.committedZxid(), log.durableZxid());
    if (log.deliveredZxid() >= until || readToken != NO_READ) {
      return;
    }
    List<LogEntry> slice =
        log.cache()
            .after(
                log.deliveredZxid(),
                until,
                node.config().deliverEntriesMax(),
                node.config().appendBytesMax());
    if (!slice.isEmpty()) {
      deliver(slice);
      return;
    }
    readToken = node.nextToken();
    node.emit(new Effect.ReadLog(readToken, log.deliveredZxid(), node.config().appendBytesMax()));
  }

  /** Whether that read was this one's; then its entries are delivered. */
  boolean onLogRead(long token, List<LogEntry> entries) {
    if (token != readToken) {
      return false;
    }
    readToken = NO_READ;
    LogView log = node.log();
    long until = Math.min(log.committedZxid(), log.durableZxid());
    List<LogEntry> slice = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (entry.zxid() <= until) {
        slice.add(entry);
      }
    }
    if (slice.isEmpty()) {
      node.halt(
          String.format(
              Locale.ROOT,
              "entries after 0x%x are committed and durable up to 0x%x, but storage has none",
              log.deliveredZxid(),
              until));
      return true;
    }
    deliver(slice);
    return true;
  }

  private void deliver(List<LogEntry> slice) {
    node.log().delivered(slice);
    node.emit(new Effect.Deliver(List.copyOf(slice)));
    Membership delivered = node.log().deliveredMembership();
    if (delivered != null) {
      node.promises().learn(delivered);
    }
  }
}
