package io.quorate.server.sim;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Storage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Storage that does what another does; for doubles that change one thing. */
abstract class StorageDouble implements Storage {
  private final Storage real;

  StorageDouble(Storage real) {
    this.real = real;
  }

  @Override
  public Recovered recover() {
    return real.recover();
  }

  @Override
  public Recovered recoverTrusting(long trustedZxid) {
    return real.recoverTrusting(trustedZxid);
  }

  @Override
  public void savePromise(Promise promise) {
    real.savePromise(promise);
  }

  @Override
  public void append(List<LogEntry> entries) {
    real.append(entries);
  }

  @Override
  public void sync() {
    real.sync();
  }

  @Override
  public void truncateAfter(long afterZxid, long afterHash) {
    real.truncateAfter(afterZxid, afterHash);
  }

  @Override
  public List<LogEntry> read(long afterZxid, int maxBytes) {
    return real.read(afterZxid, maxBytes);
  }

  @Override
  public @Nullable Piece readSnapshotPiece(long snapshotZxid, long offset, int maxBytes) {
    return real.readSnapshotPiece(snapshotZxid, offset, maxBytes);
  }

  @Override
  public void stageBegin() {
    real.stageBegin();
  }

  @Override
  public void stagePiece(long offset, byte[] bytes) {
    real.stagePiece(offset, bytes);
  }

  @Override
  public @Nullable SnapshotMeta stageSeal() {
    return real.stageSeal();
  }

  @Override
  public void stageDrop() {
    real.stageDrop();
  }

  @Override
  public void stageAppend(List<LogEntry> entries) {
    real.stageAppend(entries);
  }

  @Override
  public Recovered stageSwitch() {
    return real.stageSwitch();
  }

  @Override
  public long retain(List<Long> pinned) {
    return real.retain(pinned);
  }

  @Override
  public long usableBytes() {
    return real.usableBytes();
  }

  @Override
  public void verifySnapshots() {
    real.verifySnapshots();
  }

  @Override
  public SnapshotSink createSnapshot(SnapshotMeta meta) {
    return real.createSnapshot(meta);
  }

  @Override
  public @Nullable SnapshotSource openSnapshot(long zxid) {
    return real.openSnapshot(zxid);
  }

  @Override
  public void close() {
    real.close();
  }
}
