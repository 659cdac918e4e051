package io.quorate.server.replication;

import io.quorate.data.Zxid;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A replica of the test network with its disk and a state machine that knows only where it is. */
final class TestNode {
  private final int id;
  private final FakeDisk disk;
  private final Deque<Effect.Storage> storageQueue = new ArrayDeque<>();
  private final Deque<Input> completions = new ArrayDeque<>();
  private final List<String> confirmed = new ArrayList<>();
  private @Nullable Replica replica;
  private @Nullable String halted;
  private long appliedZxid;
  private long appliedHash;
  private int appliedCount;

  TestNode(int id, FakeDisk.Vault vault) {
    this.id = id;
    disk = new FakeDisk(vault);
  }

  int id() {
    return id;
  }

  FakeDisk disk() {
    return disk;
  }

  Deque<Effect.Storage> storageQueue() {
    return storageQueue;
  }

  Deque<Input> completions() {
    return completions;
  }

  List<String> confirmed() {
    return confirmed;
  }

  boolean isUp() {
    return replica != null;
  }

  Replica replica() {
    Replica present = replica;
    if (present == null) {
      throw new AssertionError("server " + id + " is down");
    }
    return present;
  }

  void up(Replica started) {
    replica = started;
    halted = null;
    appliedZxid = Zxid.NONE;
    appliedHash = 0;
  }

  void down() {
    replica = null;
    storageQueue.clear();
    completions.clear();
  }

  void halt(String why) {
    halted = why;
    down();
  }

  @Nullable String halted() {
    return halted;
  }

  long appliedZxid() {
    return appliedZxid;
  }

  int appliedCount() {
    return appliedCount;
  }

  void load(SnapshotMeta meta) {
    if (meta.zxid() < appliedZxid) {
      throw new AssertionError("state goes back from " + appliedZxid + " to " + meta.zxid());
    }
    appliedZxid = meta.zxid();
    appliedHash = meta.chainHash();
  }

  /** Applies; the chain proves that nothing was left out, doubled or changed. */
  void apply(LogEntry entry) {
    if (entry.zxid() <= appliedZxid || !entry.follows(appliedHash)) {
      throw new AssertionError(
          "server " + id + " applies " + entry + " after " + Zxid.format(appliedZxid));
    }
    appliedZxid = entry.zxid();
    appliedHash = entry.chainHash();
    appliedCount++;
  }

  long appliedHash() {
    return appliedHash;
  }
}
