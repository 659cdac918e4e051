package io.quorate.server.node;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.server.divergence.Divergence;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.SyncPlan;
import io.quorate.server.statemachine.ApplyResult;
import io.quorate.server.statemachine.Command;
import java.util.List;

/** Several observers as one; each is told in the order given. */
public final class NodeObservers implements NodeObserver {
  private final List<NodeObserver> all;

  public NodeObservers(List<NodeObserver> all) {
    this.all = List.copyOf(all);
  }

  @Override
  public void roleChanged(ReplicaStatus status, String cause) {
    all.forEach(each -> each.roleChanged(status, cause));
  }

  @Override
  public void electionBegan(long epoch) {
    all.forEach(each -> each.electionBegan(epoch));
  }

  @Override
  public void applied(LogEntry entry, long digest) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).applied(entry, digest);
    }
  }

  @Override
  public void stateLoaded(long zxid, long digest) {
    all.forEach(each -> each.stateLoaded(zxid, digest));
  }

  @Override
  public void snapshotPieceSent(int peer, long offset, int bytes) {
    all.forEach(each -> each.snapshotPieceSent(peer, offset, bytes));
  }

  @Override
  public void synced(int peer, SyncPlan plan) {
    all.forEach(each -> each.synced(peer, plan));
  }

  @Override
  public void commandApplied(long zxid, Command command, ApplyResult result) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).commandApplied(zxid, command, result);
    }
  }

  @Override
  public void applyRan(int entries, long nanos) {
    all.forEach(each -> each.applyRan(entries, nanos));
  }

  @Override
  public void turnTaken(int events, long nanos) {
    all.forEach(each -> each.turnTaken(events, nanos));
  }

  @Override
  public void turnPartDone(TurnPart part) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).turnPartDone(part);
    }
  }

  @Override
  public void proposed(int commands) {
    all.forEach(each -> each.proposed(commands));
  }

  @Override
  public void stateLoading(long zxid) {
    all.forEach(each -> each.stateLoading(zxid));
  }

  @Override
  public void turnEnded(NodeStatus status) {
    all.forEach(each -> each.turnEnded(status));
  }

  @Override
  public void diverged(Divergence divergence) {
    all.forEach(each -> each.diverged(divergence));
  }

  @Override
  public void alarm(long zxid) {
    all.forEach(each -> each.alarm(zxid));
  }

  @Override
  public void notice(String text, boolean urgent) {
    all.forEach(each -> each.notice(text, urgent));
  }

  @Override
  public void linkReset(int peer, String reason) {
    all.forEach(each -> each.linkReset(peer, reason));
  }

  @Override
  public void answered(ClientMessage request, OpResult result, long arrivedNanos) {
    for (int i = 0; i < all.size(); i++) {
      all.get(i).answered(request, result, arrivedNanos);
    }
  }

  @Override
  public void ponged() {
    all.forEach(NodeObserver::ponged);
  }

  @Override
  public void fired(int watches) {
    all.forEach(each -> each.fired(watches));
  }

  @Override
  public void refused(ErrorCode code, String reason, String remoteAddress) {
    all.forEach(each -> each.refused(code, reason, remoteAddress));
  }
}
