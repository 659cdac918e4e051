package io.quorate.server.replication;

import io.quorate.data.Zxid;
import io.quorate.server.base.Invariant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The history that is being received beside the present one: a snapshot, then the entries after it.
 *
 * <p>It outlives the link that it comes over and the role that asked for it, so that a transfer
 * goes on where it was cut; a restart of the process forgets it. Storage works on it in order, so
 * what was handed over counts as there; that all of it is intact is shown when it is sealed.
 */
final class Staging {
  private enum State {
    /** There is none. */
    NONE,
    /** Takes the pieces of the file. */
    RECEIVING,
    /** The file is whole, and storage verifies it. */
    SEALING,
    /** Verified: takes the entries that follow. */
    SEALED,
    /** Becomes the history. */
    SWITCHING
  }

  private final NodeState node;
  private State state = State.NONE;

  /** Numbers the stages: completions that name another one belong to a stage that was dropped. */
  private long stage;

  private @Nullable SnapshotFile file;
  private long offset;
  private long lastZxid;
  private long lastHash;
  private long lastTimeMillis;

  Staging(NodeState node) {
    this.node = node;
  }

  boolean isSealed() {
    return state == State.SEALED;
  }

  /** Whether there is something that can be gone on with. */
  boolean isUnderWay() {
    return state == State.RECEIVING || state == State.SEALING || state == State.SEALED;
  }

  long lastZxid() {
    return lastZxid;
  }

  long lastHash() {
    return lastHash;
  }

  /** Log time of the last entry; known once sealed. */
  long lastTimeMillis() {
    return lastTimeMillis;
  }

  /** Length of the whole file; 0 as long as it is not known. */
  long length() {
    return file == null ? 0 : file.length();
  }

  /** What it is at, for a person. */
  String describe() {
    return switch (state) {
      case NONE -> "has lost the snapshot that it was sent";
      case RECEIVING ->
          String.format(
              Locale.ROOT,
              "receives the snapshot of 0x%x: %d of %d KiB",
              lastZxid,
              offset >> 10,
              length() >> 10);
      case SEALING -> String.format(Locale.ROOT, "verifies the snapshot of 0x%x", lastZxid);
      case SEALED, SWITCHING ->
          String.format(Locale.ROOT, "takes what follows a snapshot, up to 0x%x", lastZxid);
    };
  }

  /** What a leader is told of it. Drops what has become older than the present history. */
  StagedSnapshot told() {
    SnapshotFile known = file;
    if (!isUnderWay() || known == null) {
      return StagedSnapshot.NONE;
    }
    if (known.zxid() <= node.log().floorZxid()) {
      drop();
      return StagedSnapshot.NONE;
    }
    return new StagedSnapshot(known, offset, isSealed(), lastZxid, lastHash);
  }

  /** A new one takes the place of whatever there was. */
  void begin(SyncPlan plan) {
    forget();
    state = State.RECEIVING;
    stage = node.nextToken();
    lastZxid = plan.zxid();
    lastHash = plan.hash();
    node.emit(new Effect.StageBegin(stage));
  }

  /** Takes a piece; false if it does not go on where the last one ended, or is of another file. */
  boolean take(Message.SnapshotChunk chunk) {
    SnapshotFile of = new SnapshotFile(lastZxid, chunk.totalLength(), chunk.checksum());
    boolean fits =
        state == State.RECEIVING
            && (file == null || file.equals(of))
            && chunk.offset() == offset
            && chunk.bytes().length > 0
            && chunk.bytes().length <= chunk.totalLength() - offset;
    if (!fits) {
      return false;
    }
    file = of;
    offset += chunk.bytes().length;
    node.emit(new Effect.StageChunk(stage, chunk.offset(), chunk.bytes()));
    return true;
  }

  /** Storage has a piece; whether it is of this stage. A whole file is sealed. */
  boolean stored(Input.StageStored stored) {
    if (stored.stage() != stage || !isUnderWay()) {
      return false;
    }
    if (state == State.RECEIVING && stored.endOffset() == length() && offset == length()) {
      state = State.SEALING;
      node.emit(new Effect.StageSeal(stage));
    }
    return true;
  }

  /** Storage has verified it, or found it wanting, which drops it; whether it was this one. */
  boolean sealed(Input.StageSealed sealed) {
    if (sealed.stage() != stage || state != State.SEALING) {
      return false;
    }
    SnapshotMeta meta = sealed.meta();
    boolean asPlanned =
        meta != null
            && meta.zxid() == lastZxid
            && meta.chainHash() == lastHash
            && meta.clusterId() == node.promises().current().clusterId();
    if (meta == null || !asPlanned) {
      node.notice("the snapshot that was sent does not verify: " + meta);
      drop();
      return true;
    }
    state = State.SEALED;
    lastTimeMillis = meta.timeMillis();
    return true;
  }

  /** Entries that follow the last one. */
  void append(List<LogEntry> entries) {
    Invariant.check(state == State.SEALED, "entries for a staged history that is %s", state);
    LogEntry last = entries.get(entries.size() - 1);
    lastZxid = last.zxid();
    lastHash = last.chainHash();
    lastTimeMillis = last.timeMillis();
    node.emit(new Effect.StageAppend(stage, entries));
  }

  /** Makes it the history. */
  void becomeHistory() {
    Invariant.check(state == State.SEALED, "switch to a staged history that is %s", state);
    state = State.SWITCHING;
    node.writes().begun();
    node.emit(new Effect.StageSwitch(node.writes().generation()));
  }

  /** It is the history now. */
  void switched() {
    forget();
  }

  /** Another way was chosen: it is of no use any more. */
  void drop() {
    if (isUnderWay()) {
      node.emit(new Effect.StageDrop());
      forget();
    }
  }

  private void forget() {
    Invariant.check(
        state != State.SWITCHING || node.atRest(), "a staged history is lost while it takes over");
    state = State.NONE;
    stage = 0;
    file = null;
    offset = 0;
    lastZxid = Zxid.NONE;
    lastHash = 0;
  }
}
