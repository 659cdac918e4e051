package io.quorate.server.node;

import io.quorate.server.replication.Effect;
import io.quorate.server.replication.Input;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Executes storage effects in order, with group commit: consecutive appends share one sync, and
 * their completions are given only after it.
 *
 * <p>Confined to the log thread (or the simulator's). A {@link
 * io.quorate.server.storage.StorageException} passes through: none of the completions of the call
 * may be used then, and the process ends (R16).
 */
public final class StorageWorker {
  private final Storage storage;

  /** Appended since the last sync, and therefore not to be told yet. */
  private final List<Input> unsynced = new ArrayList<>();

  public StorageWorker(Storage storage) {
    this.storage = storage;
  }

  /** Executes all; everything is durable on return. Returns the completions, in order. */
  public List<Input> execute(List<Effect.Storage> effects) {
    List<Input> done = new ArrayList<>(effects.size());
    for (Effect.Storage effect : effects) {
      if (effect instanceof Effect.Append append) {
        append(append);
        continue;
      }
      syncAppended(done);
      Input completion = executeAlone(effect);
      if (completion != null) {
        done.add(completion);
      }
    }
    syncAppended(done);
    return done;
  }

  private void append(Effect.Append append) {
    List<LogEntry> entries = append.entries();
    storage.append(entries);
    unsynced.add(new Input.Appended(append.generation(), entries.get(entries.size() - 1).zxid()));
  }

  private void syncAppended(List<Input> done) {
    if (!unsynced.isEmpty()) {
      storage.sync();
      done.addAll(unsynced);
      unsynced.clear();
    }
  }

  /** Everything but an append; null if the effect has no completion. */
  private @Nullable Input executeAlone(Effect.Storage effect) {
    if (effect instanceof Effect.SavePromise save) {
      storage.savePromise(save.promise());
      return new Input.PromiseSaved(save.token());
    }
    if (effect instanceof Effect.Truncate truncate) {
      storage.truncateAfter(truncate.afterZxid(), truncate.afterHash());
      return new Input.Truncated(truncate.generation());
    }
    if (effect instanceof Effect.ReadLog read) {
      return new Input.LogRead(read.token(), storage.read(read.afterZxid(), read.maxBytes()));
    }
    if (effect instanceof Effect.ReadSnapshotChunk read) {
      return readPiece(read);
    }
    if (effect instanceof Effect.Retain retain) {
      return new Input.LogPurged(storage.retain(retain.pinned()));
    }
    if (effect instanceof Effect.MeasureSpace) {
      return new Input.SpaceMeasured(storage.usableBytes());
    }
    return executeStaged(effect);
  }

  private Input readPiece(Effect.ReadSnapshotChunk read) {
    Storage.Piece piece =
        storage.readSnapshotPiece(read.snapshotZxid(), read.offset(), read.maxBytes());
    return piece == null
        ? new Input.SnapshotChunkRead(read.token(), read.offset(), null, 0, 0)
        : new Input.SnapshotChunkRead(
            read.token(), read.offset(), piece.bytes(), piece.totalLength(), piece.checksum());
  }

  private @Nullable Input executeStaged(Effect.Storage effect) {
    if (effect instanceof Effect.StageBegin) {
      storage.stageBegin();
      return null;
    }
    if (effect instanceof Effect.StageChunk chunk) {
      storage.stagePiece(chunk.offset(), chunk.bytes());
      return new Input.StageStored(chunk.stage(), chunk.offset() + chunk.bytes().length);
    }
    if (effect instanceof Effect.StageSeal seal) {
      return new Input.StageSealed(seal.stage(), storage.stageSeal());
    }
    if (effect instanceof Effect.StageDrop) {
      storage.stageDrop();
      return null;
    }
    if (effect instanceof Effect.StageAppend append) {
      storage.stageAppend(append.entries());
      return null;
    }
    if (effect instanceof Effect.StageSwitch change) {
      return new Input.HistorySwitched(change.generation(), storage.stageSwitch());
    }
    throw new IllegalArgumentException("unknown storage effect " + effect);
  }
}
