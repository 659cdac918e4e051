package io.quorate.server.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots that must not go, because one is being sent, or was until a moment ago and may be gone
 * on with (R28). At most one for each peer. What is pinned survives the link and the role.
 */
final class SnapshotPins {
  private record Pin(long zxid, @Nullable SnapshotFile file, long usedNanos) {}

  private final long keptNanos;
  private final TreeMap<Integer, Pin> byPeer = new TreeMap<>();

  SnapshotPins(long keptNanos) {
    this.keptNanos = keptNanos;
  }

  /** A transfer to that peer begins. */
  void begin(int peer, long zxid, long nowNanos) {
    byPeer.put(peer, new Pin(zxid, null, nowNanos));
  }

  /** A piece of that file was read for that peer. */
  void read(int peer, SnapshotFile file, long nowNanos) {
    byPeer.put(peer, new Pin(file.zxid(), file, nowNanos));
  }

  /** The transfer, or what follows it, goes on. */
  void touch(int peer, long nowNanos) {
    Pin pin = byPeer.get(peer);
    if (pin != null) {
      byPeer.put(peer, new Pin(pin.zxid(), pin.file(), nowNanos));
    }
  }

  void remove(int peer) {
    byPeer.remove(peer);
  }

  /**
   * Lets go of all: room is worth more than the transfers, which begin anew with a newer snapshot.
   */
  void clear() {
    byPeer.clear();
  }

  /** Whether just that file is still there for certain. */
  boolean holds(SnapshotFile file) {
    for (Pin pin : byPeer.values()) {
      if (file.equals(pin.file())) {
        return true;
      }
    }
    return false;
  }

  /** Lets go of what was not used for long enough; whether there was any. */
  boolean expire(long nowNanos) {
    List<Integer> old = new ArrayList<>();
    for (Map.Entry<Integer, Pin> entry : byPeer.entrySet()) {
      if (nowNanos - entry.getValue().usedNanos() >= keptNanos) {
        old.add(entry.getKey());
      }
    }
    old.forEach(byPeer::remove);
    return !old.isEmpty();
  }

  /** Ascending. */
  List<Long> zxids() {
    TreeSet<Long> zxids = new TreeSet<>();
    for (Pin pin : byPeer.values()) {
      zxids.add(pin.zxid());
    }
    return List.copyOf(zxids);
  }
}
