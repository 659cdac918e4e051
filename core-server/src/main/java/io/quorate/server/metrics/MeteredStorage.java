package io.quorate.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quorate.server.base.NodeClock;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Storage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A storage that counts and times what goes through it, and knows how long its present operation
 * takes. Threads as {@link Storage} says; {@link #busyNanos} on any.
 *
 * <p>A measured sync costs three looks at the clock and a few sums beside what the disk takes.
 */
public final class MeteredStorage implements Storage {
  /** Hears what an operator should know. On the thread of the storage. */
  public interface Listener {
    /** A sync took that long. */
    default void synced(int entries, long bytes, long nanos) {}

    /** A snapshot was written and verified. */
    default void snapshotWritten(long zxid, long bytes, long nanos) {}

    /** Snapshots and log that are not needed any more are gone. */
    default void purged(long baseZxid) {}
  }

  private static final long IDLE = Long.MIN_VALUE;

  private final Storage storage;
  private final NodeClock clock;
  private final Listener listener;
  private final Counter entries;
  private final Counter bytes;
  private final Timer sync;
  private final DistributionSummary batch;
  private final Timer promise;
  private final Counter truncations;
  private final Timer read;
  private final Timer snapshotWritten;
  private final Timer snapshotRead;
  private final Counter snapshotInstalled;
  private final AtomicLong snapshotBytes = new AtomicLong();

  /** When the log thread began what it does; {@link #IDLE} if it does nothing. */
  private volatile long busySinceNanos = IDLE;

  // --- log thread only: since the last sync
  private int unsyncedEntries;
  private long unsyncedBytes;
  private long purgedZxid;

  public MeteredStorage(
      Storage storage, NodeClock clock, MeterRegistry registry, int serverId, Listener listener) {
    this.storage = storage;
    this.clock = clock;
    this.listener = listener;
    Tags tags = Tags.of("server", String.valueOf(serverId));
    entries =
        Counter.builder("quorate.server.log.entries")
            .description("Entries written to the log.")
            .tags(tags)
            .register(registry);
    bytes =
        Counter.builder("quorate.server.log.bytes")
            .description("Payload of the entries written to the log.")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry);
    sync =
        ServerMeters.histogram(
                Timer.builder("quorate.server.log.sync"),
                "Time to make written entries durable: the fsync that writes wait for.")
            .tags(tags)
            .register(registry);
    batch =
        DistributionSummary.builder("quorate.server.log.batch")
            .description("Entries that shared one sync.")
            .tags(tags)
            .register(registry);
    promise =
        Timer.builder("quorate.server.promise.save")
            .description("Time to make a promise durable, in both slots of the superblock.")
            .tags(tags)
            .register(registry);
    truncations =
        Counter.builder("quorate.server.log.truncations")
            .description(
                "Times that the end of the log was cut, because the leader has not got it.")
            .tags(tags)
            .register(registry);
    read =
        Timer.builder("quorate.server.log.read")
            .description("Time to read entries or pieces of a snapshot for others.")
            .tags(tags)
            .register(registry);
    snapshotWritten =
        Timer.builder("quorate.server.snapshot.write")
            .description("Time to write, verify and sync a snapshot of the state.")
            .tags(tags)
            .register(registry);
    snapshotRead =
        Timer.builder("quorate.server.snapshot.load")
            .description("Time from opening a snapshot to its end, when the state is loaded.")
            .tags(tags)
            .register(registry);
    snapshotInstalled =
        Counter.builder("quorate.server.snapshot.installed")
            .description("Histories replaced by a snapshot that the leader sent.")
            .tags(tags)
            .register(registry);
    Gauge.builder("quorate.server.snapshot.bytes", snapshotBytes, AtomicLong::get)
        .description("Size of the state in the snapshot written last; 0 before the first.")
        .baseUnit("bytes")
        .tags(tags)
        .register(registry);
  }

  /** How long the log thread's present operation takes; 0 if there is none. */
  public long busyNanos() {
    long since = busySinceNanos;
    return since == IDLE ? 0 : Math.max(1, clock.monotonicNanos() - since);
  }

  private long begin() {
    long now = clock.monotonicNanos();
    busySinceNanos = now;
    return now;
  }

  /** How long it took. */
  private long end(long begunNanos) {
    busySinceNanos = IDLE;
    return clock.monotonicNanos() - begunNanos;
  }

  @Override
  public Recovered recover() {
    long begun = begin();
    Recovered recovered = storage.recover();
    end(begun);
    return recovered;
  }

  @Override
  public Recovered recoverTrusting(long upToZxid) {
    long begun = begin();
    Recovered recovered = storage.recoverTrusting(upToZxid);
    end(begun);
    return recovered;
  }

  @Override
  public void savePromise(Promise made) {
    long begun = begin();
    storage.savePromise(made);
    promise.record(end(begun), TimeUnit.NANOSECONDS);
  }

  @Override
  public void append(List<LogEntry> appended) {
    long begun = begin();
    storage.append(appended);
    end(begun);
    unsyncedEntries += appended.size();
    for (LogEntry entry : appended) {
      unsyncedBytes += entry.payload().length;
    }
  }

  @Override
  public void sync() {
    long begun = begin();
    storage.sync();
    long took = end(begun);
    sync.record(took, TimeUnit.NANOSECONDS);
    batch.record(unsyncedEntries);
    entries.increment(unsyncedEntries);
    bytes.increment(unsyncedBytes);
    listener.synced(unsyncedEntries, unsyncedBytes, took);
    unsyncedEntries = 0;
    unsyncedBytes = 0;
  }

  @Override
  public void truncateAfter(long afterZxid, long afterHash) {
    long begun = begin();
    storage.truncateAfter(afterZxid, afterHash);
    end(begun);
    truncations.increment();
  }

  @Override
  public List<LogEntry> read(long afterZxid, int maxBytes) {
    long begun = begin();
    List<LogEntry> found = storage.read(afterZxid, maxBytes);
    read.record(end(begun), TimeUnit.NANOSECONDS);
    return found;
  }

  @Override
  public @Nullable Piece readSnapshotPiece(long snapshotZxid, long offset, int maxBytes) {
    long begun = begin();
    Piece piece = storage.readSnapshotPiece(snapshotZxid, offset, maxBytes);
    read.record(end(begun), TimeUnit.NANOSECONDS);
    return piece;
  }

  @Override
  public void stageBegin() {
    long begun = begin();
    storage.stageBegin();
    end(begun);
  }

  @Override
  public void stageDrop() {
    long begun = begin();
    storage.stageDrop();
    end(begun);
  }

  @Override
  public void stagePiece(long offset, byte[] piece) {
    long begun = begin();
    storage.stagePiece(offset, piece);
    end(begun);
  }

  @Override
  public @Nullable SnapshotMeta stageSeal() {
    long begun = begin();
    SnapshotMeta meta = storage.stageSeal();
    end(begun);
    return meta;
  }

  @Override
  public void stageAppend(List<LogEntry> appended) {
    long begun = begin();
    storage.stageAppend(appended);
    end(begun);
  }

  @Override
  public Recovered stageSwitch() {
    long begun = begin();
    Recovered recovered = storage.stageSwitch();
    end(begun);
    snapshotInstalled.increment();
    return recovered;
  }

  @Override
  public long retain(List<Long> pinned) {
    long begun = begin();
    long baseZxid = storage.retain(pinned);
    end(begun);
    if (baseZxid != purgedZxid) {
      purgedZxid = baseZxid;
      listener.purged(baseZxid);
    }
    return baseZxid;
  }

  @Override
  public void verifySnapshots() {
    storage.verifySnapshots();
  }

  @Override
  public SnapshotSink createSnapshot(SnapshotMeta meta) {
    return new MeteredSink(storage.createSnapshot(meta), meta.zxid());
  }

  @Override
  public @Nullable SnapshotSource openSnapshot(long zxid) {
    SnapshotSource source = storage.openSnapshot(zxid);
    return source == null ? null : new MeteredSource(source);
  }

  @Override
  public long usableBytes() {
    return storage.usableBytes();
  }

  @Override
  public void close() {
    storage.close();
  }

  /** Confined to the snapshot thread. */
  private final class MeteredSink implements SnapshotSink {
    private final SnapshotSink sink;
    private final long zxid;
    private final long begunNanos = clock.monotonicNanos();
    private long written;

    MeteredSink(SnapshotSink sink, long zxid) {
      this.sink = sink;
      this.zxid = zxid;
    }

    @Override
    public void write(ByteBuffer block) {
      written += block.remaining();
      sink.write(block);
    }

    @Override
    public boolean commit() {
      boolean counts = sink.commit();
      if (counts) {
        long took = clock.monotonicNanos() - begunNanos;
        snapshotWritten.record(took, TimeUnit.NANOSECONDS);
        snapshotBytes.set(written);
        listener.snapshotWritten(zxid, written, took);
      }
      return counts;
    }

    @Override
    public void abort() {
      sink.abort();
    }
  }

  /** Confined to the snapshot thread. */
  private final class MeteredSource implements SnapshotSource {
    private final SnapshotSource source;
    private final long begunNanos = clock.monotonicNanos();

    MeteredSource(SnapshotSource source) {
      this.source = source;
    }

    @Override
    public SnapshotMeta meta() {
      return source.meta();
    }

    @Override
    public @Nullable ByteBuffer next() {
      return source.next();
    }

    @Override
    public void close() {
      source.close();
      snapshotRead.record(clock.monotonicNanos() - begunNanos, TimeUnit.NANOSECONDS);
    }
  }
}
