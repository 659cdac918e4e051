package io.quorate.server;

import io.quorate.data.Zxid;
import io.quorate.server.node.NodeObserver;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes into the log of the process what an operator would ask for; hands everything on. */
final class NodeLog implements NodeObserver {
  private static final Logger LOG = LoggerFactory.getLogger(QuorateServer.class);

  private final int id;
  private final NodeObserver next;

  NodeLog(int id, NodeObserver next) {
    this.id = id;
    this.next = next;
  }

  @Override
  public void roleChanged(ReplicaStatus status) {
    LOG.info(
        "server {}: {}, epoch {}, leader {}, {}, durable {}, committed {}",
        id,
        status.role().name().toLowerCase(Locale.ROOT),
        status.epoch(),
        status.leaderId() == 0 ? "unknown" : status.leaderId(),
        status.serving() ? "serving" : "not serving",
        Zxid.format(status.durableZxid()),
        Zxid.format(status.committedZxid()));
    next.roleChanged(status);
  }

  @Override
  public void applied(LogEntry entry, long digest) {
    next.applied(entry, digest);
  }

  @Override
  public void stateLoaded(long zxid, long digest) {
    LOG.info("server {}: state loaded from snapshot {}", id, Zxid.format(zxid));
    next.stateLoaded(zxid, digest);
  }

  @Override
  public void synced(int peer, SyncPlan plan) {
    LOG.info(
        "server {}: synchronizes server {} by {} from {}",
        id,
        peer,
        plan.kind(),
        Zxid.format(plan.zxid()));
    next.synced(peer, plan);
  }

  @Override
  public void notice(String text) {
    LOG.warn("server {}: {}", id, text);
    next.notice(text);
  }

  @Override
  public void linkReset(int peer, String reason) {
    LOG.warn("server {}: resets the link with server {}: {}", id, peer, reason);
    next.linkReset(peer, reason);
  }
}
