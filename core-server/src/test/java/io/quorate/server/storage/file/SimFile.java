package io.quorate.server.storage.file;

import io.quorate.server.base.RandomSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Content of one simulated file, in sectors, sparse: what the processes see, what is durable, and
 * what was written since.
 *
 * <p>Each sector and the length remember every version since the last sync; a crash picks any one
 * of them, for each sector on its own. Sector arrays are never changed once stored.
 */
final class SimFile {
  static final int SECTOR_BYTES = 512;
  private static final byte[] ZEROS = new byte[SECTOR_BYTES];

  private final TreeMap<Long, byte[]> seen = new TreeMap<>();
  private final TreeMap<Long, byte[]> durable = new TreeMap<>();
  private final TreeMap<Long, List<byte[]>> unsynced = new TreeMap<>();
  private final List<Long> unsyncedLengths = new ArrayList<>();
  private long seenLength;
  private long durableLength;

  long length() {
    return seenLength;
  }

  int read(long offset, ByteBuffer into) {
    int count = (int) Math.max(0, Math.min(into.remaining(), seenLength - offset));
    for (int done = 0; done < count; ) {
      long at = offset + done;
      int within = (int) (at % SECTOR_BYTES);
      int part = Math.min(count - done, SECTOR_BYTES - within);
      into.put(seen.getOrDefault(at / SECTOR_BYTES, ZEROS), within, part);
      done += part;
    }
    return count;
  }

  void write(long offset, ByteBuffer from) {
    long at = offset;
    while (from.hasRemaining()) {
      int within = (int) (at % SECTOR_BYTES);
      int part = Math.min(from.remaining(), SECTOR_BYTES - within);
      byte[] sector = seen.getOrDefault(at / SECTOR_BYTES, ZEROS).clone();
      from.get(sector, within, part);
      put(at / SECTOR_BYTES, sector);
      at += part;
    }
    if (at > seenLength) {
      setLength(at);
    }
  }

  void truncate(long length) {
    if (length >= seenLength) {
      return;
    }
    long firstGone = (length + SECTOR_BYTES - 1) / SECTOR_BYTES;
    for (Long sector : new ArrayList<>(seen.tailMap(firstGone).keySet())) {
      put(sector, ZEROS);
    }
    int within = (int) (length % SECTOR_BYTES);
    if (within != 0 && seen.containsKey(length / SECTOR_BYTES)) {
      byte[] sector = seen.getOrDefault(length / SECTOR_BYTES, ZEROS).clone();
      Arrays.fill(sector, within, SECTOR_BYTES, (byte) 0);
      put(length / SECTOR_BYTES, sector);
    }
    setLength(length);
  }

  private void put(long number, byte[] sector) {
    seen.put(number, sector);
    unsynced.computeIfAbsent(number, key -> new ArrayList<>()).add(sector);
  }

  private void setLength(long length) {
    seenLength = length;
    unsyncedLengths.add(length);
  }

  void sync() {
    for (Map.Entry<Long, List<byte[]>> entry : unsynced.entrySet()) {
      durable.put(entry.getKey(), entry.getValue().get(entry.getValue().size() - 1));
    }
    durableLength = seenLength;
    forgetUnsynced();
  }

  /**
   * A failed sync: any part reached the disk, the rest is marked clean and lost, though it can
   * still be read until the machine stops.
   */
  void failSync(RandomSource random) {
    settle(random, false);
  }

  /** The machine stops: any part of what was not synced survives. */
  void crash(RandomSource random, boolean tornSectors) {
    settle(random, tornSectors);
    seen.clear();
    seen.putAll(durable);
    seenLength = durableLength;
    long beyond = (seenLength + SECTOR_BYTES - 1) / SECTOR_BYTES;
    seen.tailMap(beyond).clear();
    durable.tailMap(beyond).clear();
  }

  private void settle(RandomSource random, boolean tornSectors) {
    for (Map.Entry<Long, List<byte[]>> entry : unsynced.entrySet()) {
      List<byte[]> versions = entry.getValue();
      int chosen = (int) random.nextBelow(versions.size() + 1L);
      if (chosen < versions.size()) {
        byte[] old = durable.getOrDefault(entry.getKey(), ZEROS);
        byte[] sector = versions.get(chosen);
        boolean torn = tornSectors && random.nextBelow(8) == 0;
        durable.put(entry.getKey(), torn ? tear(old, sector, random) : sector);
      }
    }
    int chosen = (int) random.nextBelow(unsyncedLengths.size() + 1L);
    if (chosen < unsyncedLengths.size()) {
      durableLength = unsyncedLengths.get(chosen);
    }
    forgetUnsynced();
  }

  private static byte[] tear(byte[] old, byte[] sector, RandomSource random) {
    int cut = (int) random.nextBelow(SECTOR_BYTES);
    byte[] torn = sector.clone();
    if (random.nextBelow(2) == 0) {
      System.arraycopy(old, cut, torn, cut, SECTOR_BYTES - cut);
    } else {
      System.arraycopy(old, 0, torn, 0, cut);
    }
    return torn;
  }

  private void forgetUnsynced() {
    unsynced.clear();
    unsyncedLengths.clear();
  }

  /** Everything, as bytes. */
  byte[] content() {
    byte[] bytes = new byte[Math.toIntExact(seenLength)];
    read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /** Replaces everything, durably: damage, or a prepared file. */
  void replace(byte[] bytes) {
    seen.clear();
    durable.clear();
    forgetUnsynced();
    seenLength = 0;
    write(0, ByteBuffer.wrap(bytes));
    seenLength = bytes.length;
    sync();
  }
}
