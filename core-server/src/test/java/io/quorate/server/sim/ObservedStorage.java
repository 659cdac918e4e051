package io.quorate.server.sim;

import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Storage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server's storage, and what the run must know of it: hears each call before and after the real
 * storage does it, so that the durable log is known even if the server dies in between.
 */
final class ObservedStorage implements Storage {
  private final Storage storage;
  private final Machine machine;

  ObservedStorage(Storage storage, Machine machine) {
    this.storage = storage;
    this.machine = machine;
  }

  @Override
  public Recovered recover() {
    Recovered found = storage.recover();
    machine.recovered(found);
    return found;
  }

  @Override
  public Recovered recoverTrusting(long trustedZxid) {
    Recovered found = storage.recoverTrusting(trustedZxid);
    machine.recovered(found);
    return found;
  }

  @Override
  public void savePromise(Promise promise) {
    storage.savePromise(promise);
    machine.promised(promise);
  }

  @Override
  public void append(List<LogEntry> entries) {
    machine.appending(entries);
    storage.append(entries);
    machine.log().wrote(entries);
  }

  @Override
  public void sync() {
    storage.sync();
    machine.synced();
  }

  @Override
  public void truncateAfter(long afterZxid, long afterHash) {
    machine.truncating(afterZxid);
    storage.truncateAfter(afterZxid, afterHash);
    machine.truncated(afterZxid);
  }

  @Override
  public List<LogEntry> read(long afterZxid, int maxBytes) {
    return storage.read(afterZxid, maxBytes);
  }

  @Override
  public @Nullable Piece readSnapshotPiece(long snapshotZxid, long offset, int maxBytes) {
    return storage.readSnapshotPiece(snapshotZxid, offset, maxBytes);
  }

  @Override
  public void stageBegin() {
    machine.staging();
    storage.stageBegin();
  }

  @Override
  public void stagePiece(long offset, byte[] bytes) {
    storage.stagePiece(offset, bytes);
  }

  @Override
  public @Nullable SnapshotMeta stageSeal() {
    return storage.stageSeal();
  }

  @Override
  public void stageDrop() {
    storage.stageDrop();
  }

  @Override
  public void stageAppend(List<LogEntry> entries) {
    machine.appending(entries);
    storage.stageAppend(entries);
  }

  @Override
  public Recovered stageSwitch() {
    machine.switching();
    Recovered installed = storage.stageSwitch();
    machine.switched(installed);
    return installed;
  }

  @Override
  public long retain(List<Long> pinned) {
    return storage.retain(pinned);
  }

  @Override
  public long usableBytes() {
    return storage.usableBytes();
  }

  @Override
  public void verifySnapshots() {
    storage.verifySnapshots();
  }

  @Override
  public SnapshotSink createSnapshot(SnapshotMeta meta) {
    return storage.createSnapshot(meta);
  }

  @Override
  public @Nullable SnapshotSource openSnapshot(long zxid) {
    return storage.openSnapshot(zxid);
  }

  @Override
  public void close() {
    storage.close();
  }
}
