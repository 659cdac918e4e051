package io.quorate.server.replication;

import io.quorate.data.Zxid;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a node of the test network keeps: whatever was executed is durable at once. Refuses what
 * real storage would refuse.
 */
final class FakeDisk {
  /** Snapshot files of the whole network by a key that their bytes repeat. */
  static final class Vault {
    private final TreeMap<Long, SnapshotMeta> files = new TreeMap<>();

    long put(SnapshotMeta meta) {
      long key = files.size() + 1L;
      files.put(key, meta);
      return key;
    }
  }

  private static final int SNAPSHOT_LONGS = 100;

  private final Vault vault;
  private @Nullable Promise promise;
  private LogIdentifiers ids = new LogIdentifiers(Zxid.NONE, 0);
  private final List<LogEntry> entries = new ArrayList<>();
  private final TreeMap<Long, Long> snapshots = new TreeMap<>();

  private byte[] staged = new byte[0];
  private @Nullable SnapshotMeta stagedMeta;
  private final List<LogEntry> stagedEntries = new ArrayList<>();

  FakeDisk(Vault vault) {
    this.vault = vault;
  }

  LogIdentifiers ids() {
    return ids;
  }

  @Nullable Promise promise() {
    return promise;
  }

  void wipe() {
    promise = null;
    ids = new LogIdentifiers(Zxid.NONE, 0);
    entries.clear();
    snapshots.clear();
  }

  Recovered recover() {
    SnapshotMeta newest =
        snapshots.isEmpty() ? null : vault.files.get(snapshots.lastEntry().getValue());
    return new Recovered(promise, newest, ids.copy(), List.of());
  }

  void storeSnapshot(SnapshotMeta meta) {
    snapshots.put(meta.zxid(), vault.put(meta));
  }

  /** Executes; the completion, or null if there is none. */
  @Nullable Input execute(Effect.Storage effect) {
    if (effect instanceof Effect.SavePromise save) {
      promise = save.promise();
      return new Input.PromiseSaved(save.token());
    } else if (effect instanceof Effect.Append append) {
      append(append.entries());
      return new Input.Appended(append.generation(), ids.lastZxid());
    } else if (effect instanceof Effect.Truncate cut) {
      if (!ids.contains(cut.afterZxid(), cut.afterHash())) {
        throw new AssertionError("cut after what is no entry: " + cut);
      }
      ids.truncateAfter(cut.afterZxid());
      entries.removeIf(entry -> entry.zxid() > cut.afterZxid());
      return new Input.Truncated(cut.generation());
    } else if (effect instanceof Effect.ReadLog read) {
      return new Input.LogRead(read.token(), read(read.afterZxid(), read.maxBytes()));
    } else if (effect instanceof Effect.ReadSnapshotChunk read) {
      return readChunk(read);
    } else if (effect instanceof Effect.Retain retain) {
      return retain(retain.pinned());
    }
    return executeStaging(effect);
  }

  private void append(List<LogEntry> added) {
    for (LogEntry entry : added) {
      if (!entry.follows(ids.lastHash())) {
        throw new AssertionError("append does not follow: " + entry);
      }
      ids.append(entry.zxid(), entry.chainHash());
      entries.add(entry);
    }
  }

  private List<LogEntry> read(long afterZxid, int maxBytes) {
    List<LogEntry> found = new ArrayList<>();
    int bytes = 0;
    if (afterZxid != ids.baseZxid() && ids.indexOf(afterZxid) < 0) {
      return found;
    }
    for (LogEntry entry : entries) {
      if (entry.zxid() > afterZxid && (found.isEmpty() || bytes < maxBytes)) {
        found.add(entry);
        bytes += entry.bodyLength();
      }
    }
    return found;
  }

  private Input readChunk(Effect.ReadSnapshotChunk read) {
    Long key = snapshots.get(read.snapshotZxid());
    if (key == null) {
      return new Input.SnapshotChunkRead(read.token(), read.offset(), null, 0, 0);
    }
    ByteBuffer file = ByteBuffer.allocate(SNAPSHOT_LONGS * 8);
    while (file.hasRemaining()) {
      file.putLong(key);
    }
    int from = (int) read.offset();
    byte[] piece = new byte[Math.min(read.maxBytes(), file.capacity() - from)];
    file.position(from).get(piece);
    return new Input.SnapshotChunkRead(
        read.token(), read.offset(), piece, file.capacity(), key.hashCode());
  }

  private Input retain(List<Long> pinned) {
    if (!snapshots.isEmpty()) {
      long newest = snapshots.lastKey();
      snapshots.keySet().removeIf(zxid -> zxid != newest && !pinned.contains(zxid));
    }
    if (!snapshots.isEmpty() && snapshots.firstKey() > ids.baseZxid()) {
      long upTo = snapshots.firstKey();
      ids.purgeUpTo(upTo);
      entries.removeIf(entry -> entry.zxid() <= upTo);
    }
    return new Input.LogPurged(ids.baseZxid());
  }

  private @Nullable Input executeStaging(Effect.Storage effect) {
    if (effect instanceof Effect.StageBegin) {
      staged = new byte[0];
      stagedMeta = null;
      stagedEntries.clear();
      return null;
    } else if (effect instanceof Effect.StageChunk chunk) {
      ByteBuffer longer = ByteBuffer.allocate(staged.length + chunk.bytes().length);
      if (chunk.offset() != staged.length) {
        throw new AssertionError("piece out of order at " + chunk.offset());
      }
      staged = longer.put(staged).put(chunk.bytes()).array();
      return new Input.StageStored(chunk.stage(), staged.length);
    } else if (effect instanceof Effect.StageSeal seal) {
      stagedMeta =
          staged.length == SNAPSHOT_LONGS * 8
              ? vault.files.get(ByteBuffer.wrap(staged).getLong())
              : null;
      return new Input.StageSealed(seal.stage(), stagedMeta);
    } else if (effect instanceof Effect.StageDrop) {
      staged = new byte[0];
      stagedMeta = null;
      stagedEntries.clear();
      return null;
    } else if (effect instanceof Effect.StageAppend append) {
      stagedEntries.addAll(append.entries());
      return null;
    } else if (effect instanceof Effect.StageSwitch change) {
      SnapshotMeta meta = stagedMeta;
      if (meta == null) {
        throw new AssertionError("switch without a sealed snapshot");
      }
      snapshots.clear();
      storeSnapshot(meta);
      ids = new LogIdentifiers(meta.zxid(), meta.chainHash());
      entries.clear();
      append(stagedEntries);
      return new Input.HistorySwitched(change.generation(), recover());
    }
    throw new AssertionError("unknown " + effect);
  }
}
