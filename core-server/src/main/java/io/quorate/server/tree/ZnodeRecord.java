package io.quorate.server.tree;

import io.quorate.data.ZnodeStat;
import io.quorate.server.base.XxHash64;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A znode, but for what concerns its children, packed into one immutable byte array: the goal is
 * about 216 bytes of heap for a znode with 100 bytes of data, where an object per part takes twice
 * that. In memory only; snapshots have a layout of their own.
 *
 * <pre>
 *   | n: varint | name: n bytes of UTF-8 | flags | czxid: 2 varints | ctime: varint |
 *   | owner: 2 varints, if OWNED |
 *   | mzxid: 2 varints, mtime: varint, version: zigzag varint, if CHANGED |
 *   | data: the rest, null unless DATA |
 * </pre>
 *
 * <p>A zxid is two varints, upper and lower half. Varints have 7 bits a byte, lowest first.
 */
final class ZnodeRecord {
  /** Header of the array, its place in a page, and the page's unused places, about. */
  private static final int RECORD_OVERHEAD_BYTES = 48;

  private static final int DATA = 1;
  private static final int OWNED = 2;
  private static final int CHANGED = 4;

  /** Longest varint of a long. */
  private static final int VARINT_BYTES_MAX = 10;

  private static final long DATA_PART_SEED = 0x9D3A_51C7_20E4_B86FL;

  private ZnodeRecord() {}

  /** Packs a new znode. */
  static byte[] created(
      byte[] name,
      int nameFrom,
      int nameTo,
      byte @Nullable [] data,
      long owner,
      long zxid,
      long timeMillis) {
    return pack(name, nameFrom, nameTo, data, owner, zxid, timeMillis, zxid, timeMillis, 0);
  }

  /** The same znode with other data. */
  static byte[] changed(
      byte[] record, byte @Nullable [] data, int version, long zxid, long timeMillis) {
    int nameFrom = nameFrom(record);
    Scan scan = new Scan(record);
    return pack(
        record,
        nameFrom,
        nameFrom + nameLength(record),
        data,
        scan.owner,
        scan.czxid,
        scan.ctime,
        zxid,
        timeMillis,
        version);
  }

  static byte[] pack(
      byte[] name,
      int nameFrom,
      int nameTo,
      byte @Nullable [] data,
      long owner,
      long czxid,
      long ctime,
      long mzxid,
      long mtime,
      int version) {
    int flags = data == null ? 0 : DATA;
    int nameLength = nameTo - nameFrom;
    byte[] head = new byte[VARINT_BYTES_MAX * 10 + 1];
    int at = 0;
    if (owner != 0) {
      flags |= OWNED;
    }
    if (mzxid != czxid || mtime != ctime || version != 0) {
      flags |= CHANGED;
    }
    head[at++] = (byte) flags;
    at = putZxid(head, at, czxid);
    at = putVarint(head, at, ctime);
    if ((flags & OWNED) != 0) {
      at = putZxid(head, at, owner);
    }
    if ((flags & CHANGED) != 0) {
      at = putZxid(head, at, mzxid);
      at = putVarint(head, at, mtime);
      at = putVarint(head, at, (version << 1 ^ version >> 31) & 0xFFFF_FFFFL);
    }
    int dataLength = data == null ? 0 : data.length;
    byte[] record = new byte[varintLength(nameLength) + nameLength + at + dataLength];
    int to = putVarint(record, 0, nameLength);
    System.arraycopy(name, nameFrom, record, to, nameLength);
    System.arraycopy(head, 0, record, to + nameLength, at);
    if (data != null) {
      System.arraycopy(data, 0, record, to + nameLength + at, dataLength);
    }
    return record;
  }

  /** Compares the name of a record with {@code name[from, to)}, as unsigned bytes. */
  static int compareName(byte[] record, byte[] name, int from, int to) {
    int nameFrom = nameFrom(record);
    return Arrays.compareUnsigned(record, nameFrom, nameFrom + nameLength(record), name, from, to);
  }

  static int nameFrom(byte[] record) {
    int at = 0;
    while (record[at] < 0) {
      at++;
    }
    return at + 1;
  }

  static int nameLength(byte[] record) {
    int length = record[0] & 0x7F;
    for (int at = 0; record[at] < 0; at++) {
      length |= (record[at + 1] & 0x7F) << (7 * (at + 1));
    }
    return length;
  }

  static byte[] name(byte[] record) {
    int from = nameFrom(record);
    return Arrays.copyOfRange(record, from, from + nameLength(record));
  }

  static long owner(byte[] record) {
    return new Scan(record).owner;
  }

  static long czxid(byte[] record) {
    return new Scan(record).czxid;
  }

  static byte @Nullable [] data(byte[] record) {
    Scan scan = new Scan(record);
    return scan.hasData ? Arrays.copyOfRange(record, scan.dataFrom, record.length) : null;
  }

  /** Stat of a znode that never had a child. */
  static ZnodeStat stat(byte[] record) {
    Scan scan = new Scan(record);
    return scan.stat(scan.czxid, 0, 0);
  }

  static ZnodeStat stat(byte[] record, long pzxid, int cversion, int numChildren) {
    return new Scan(record).stat(pzxid, cversion, numChildren);
  }

  /** About what a znode takes in memory: its record, and its share of the page that holds it. */
  static long heapBytes(byte[] record) {
    return (long) record.length + RECORD_OVERHEAD_BYTES;
  }

  /** What this znode adds to the digest, apart from what concerns its children. */
  static long digestPart(byte[] record, byte[] path, int pathTo) {
    Scan scan = new Scan(record);
    long hash = XxHash64.hash(path, 0, pathTo, DATA_PART_SEED);
    hash = XxHash64.mix(scan.czxid, hash);
    hash = XxHash64.mix(scan.mzxid, hash);
    hash = XxHash64.mix(scan.ctime, hash);
    hash = XxHash64.mix(scan.mtime, hash);
    hash = XxHash64.mix(scan.version, hash);
    hash = XxHash64.mix(scan.owner, hash);
    if (scan.hasData) {
      hash = XxHash64.hash(record, scan.dataFrom, record.length - scan.dataFrom, hash);
    }
    return hash;
  }

  /** The fields of a record, taken apart. */
  private static final class Scan {
    private final byte[] record;
    private int at;
    private final boolean hasData;
    private final long czxid;
    private final long mzxid;
    private final long ctime;
    private final long mtime;
    private final int version;
    private final long owner;
    private final int dataFrom;

    Scan(byte[] record) {
      this.record = record;
      at = nameFrom(record) + nameLength(record);
      int flags = record[at++];
      hasData = (flags & DATA) != 0;
      czxid = zxid();
      ctime = varint();
      owner = (flags & OWNED) != 0 ? zxid() : 0;
      if ((flags & CHANGED) != 0) {
        mzxid = zxid();
        mtime = varint();
        int zigzag = (int) varint();
        version = zigzag >>> 1 ^ -(zigzag & 1);
      } else {
        mzxid = czxid;
        mtime = ctime;
        version = 0;
      }
      dataFrom = at;
    }

    ZnodeStat stat(long pzxid, int cversion, int numChildren) {
      return new ZnodeStat(
          czxid,
          mzxid,
          pzxid,
          ctime,
          mtime,
          version,
          cversion,
          0,
          owner,
          record.length - dataFrom,
          numChildren);
    }

    private long zxid() {
      long upper = varint();
      return upper << 32 | varint();
    }

    private long varint() {
      long value = 0;
      int shift = 0;
      byte next;
      do {
        next = record[at++];
        value |= (next & 0x7FL) << shift;
        shift += 7;
      } while (next < 0);
      return value;
    }
  }

  private static int putZxid(byte[] to, int at, long zxid) {
    return putVarint(to, putVarint(to, at, zxid >>> 32), zxid & 0xFFFF_FFFFL);
  }

  private static int putVarint(byte[] to, int from, long value) {
    int at = from;
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      to[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    to[at++] = (byte) rest;
    return at;
  }

  private static int varintLength(int value) {
    int length = 1;
    for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
      length++;
    }
    return length;
  }
}
