package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.replication.EntryKind;
import io.quorate.server.replication.EpochBoundary;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.Promise;
import io.quorate.server.replication.Recovered;
import io.quorate.server.replication.SnapshotMeta;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.Storage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** What the tests of storage are written with: a disk, a node, entries that follow each other. */
final class Bench {
  static final StorageOptions TINY = new StorageOptions(StorageOptions.SEGMENT_BYTES_MIN, 2);
  static final int NODE = 1;
  static final Membership MEMBERS =
      new Membership(Zxid.of(1, 0), List.of(new Member(NODE, true, 77, "localhost", 2888)));

  final SimDisk disk;
  final List<String> reports = new ArrayList<>();
  private long previousZxid;
  private long previousHash;

  Bench(long seed) {
    this(new SimDisk(new SplittableRandom(seed)::nextLong));
  }

  Bench(SimDisk disk) {
    this.disk = disk;
  }

  FileStorage storage() {
    return storage(disk);
  }

  FileStorage storage(Disk on) {
    return new FileStorage(on, NODE, TINY, reports::add);
  }

  /** The next entries of a made-up history, with payloads of that size. */
  List<LogEntry> entries(int count, int payloadBytes) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(entry(payloadBytes));
    }
    return entries;
  }

  LogEntry entry(int payloadBytes) {
    boolean first = previousZxid == Zxid.NONE;
    long zxid = first ? Zxid.of(1, 0) : previousZxid + 1;
    byte[] payload = new byte[payloadBytes];
    for (int i = 0; i < payloadBytes; i++) {
      payload[i] = (byte) (zxid * 31 + i);
    }
    LogEntry entry =
        LogEntry.following(
            previousHash, zxid, zxid * 10, first ? EntryKind.EPOCH : EntryKind.COMMAND, payload);
    previousZxid = zxid;
    previousHash = entry.chainHash();
    return entry;
  }

  /** Goes on from another position. */
  Bench after(long zxid, long hash) {
    previousZxid = zxid;
    previousHash = hash;
    return this;
  }

  long lastZxid() {
    return previousZxid;
  }

  long lastHash() {
    return previousHash;
  }

  static Promise promise(long epoch) {
    return new Promise(0xC1, 77, epoch, 2, MEMBERS);
  }

  static SnapshotMeta meta(LogEntry at) {
    return new SnapshotMeta(
        0xC1,
        at.zxid(),
        at.chainHash(),
        at.timeMillis(),
        List.of(new EpochBoundary(at.zxid(), at.chainHash())),
        MEMBERS,
        1,
        at.zxid() ^ 0x5555);
  }

  /** Writes a snapshot of a few blocks that depend on its zxid. */
  static boolean snapshot(Storage storage, LogEntry at) {
    Storage.SnapshotSink sink = storage.createSnapshot(meta(at));
    for (ByteBuffer block : blocks(at)) {
      sink.write(block);
    }
    return sink.commit();
  }

  static List<ByteBuffer> blocks(LogEntry at) {
    List<ByteBuffer> blocks = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      byte[] bytes = new byte[i * 300];
      Arrays.fill(bytes, (byte) (at.zxid() + i));
      blocks.add(ByteBuffer.wrap(bytes));
    }
    return blocks;
  }

  static List<ByteBuffer> readSnapshot(Storage storage, long zxid) {
    List<ByteBuffer> blocks = new ArrayList<>();
    try (Storage.SnapshotSource source = Objects.requireNonNull(storage.openSnapshot(zxid))) {
      @Nullable ByteBuffer block;
      while ((block = source.next()) != null) {
        blocks.add(block);
      }
    }
    return blocks;
  }

  /** The whole file of a snapshot, as a peer is sent it. */
  static byte[] snapshotFile(Storage storage, long zxid) {
    ByteBuffer file = ByteBuffer.allocate(1 << 20);
    long total;
    do {
      Storage.Piece piece = storage.readSnapshotPiece(zxid, file.position(), 700);
      if (piece == null) {
        throw new AssertionError("no snapshot " + Zxid.format(zxid));
      }
      file.put(piece.bytes());
      total = piece.totalLength();
    } while (file.position() < total);
    byte[] bytes = new byte[file.position()];
    file.flip().get(bytes);
    return bytes;
  }

  /** Every entry that storage gives out, in order. */
  static List<LogEntry> readAll(Storage storage, Recovered recovered) {
    return readAll(storage, recovered.log().baseZxid());
  }

  static List<LogEntry> readAll(Storage storage, long afterZxid) {
    List<LogEntry> all = new ArrayList<>();
    long zxid = afterZxid;
    while (true) {
      List<LogEntry> some = storage.read(zxid, 1000);
      if (some.isEmpty()) {
        return all;
      }
      all.addAll(some);
      zxid = some.get(some.size() - 1).zxid();
    }
  }

  /** Zxids and hashes, to compare with: entries compare by identity of their payloads. */
  static List<String> names(List<LogEntry> entries) {
    List<String> names = new ArrayList<>();
    for (LogEntry entry : entries) {
      names.add(entry.toString());
    }
    return names;
  }

  /** The same for what was recovered. */
  static List<Long> hashes(Recovered recovered) {
    List<Long> hashes = new ArrayList<>();
    for (int i = 0; i < recovered.log().size(); i++) {
      hashes.add(recovered.log().hashAt(i));
    }
    return hashes;
  }

  static List<Long> hashes(List<LogEntry> entries) {
    List<Long> hashes = new ArrayList<>();
    for (LogEntry entry : entries) {
      hashes.add(entry.chainHash());
    }
    return hashes;
  }
}
