package io.quorate.server.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.ZnodeStat;
import io.quorate.server.base.XxHash64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 *   | aversion: zigzag varint, if ACL_CHANGED | ttl: varint, if TTL | expires at: varint, if EXPIRES |
 *   | m: varint | access control list: m bytes, if ACL |
 *   | data: the rest, null unless DATA |
 *
 *   access control list: | entries: varint | then each: permissions: byte, scheme, id |
 *   scheme, id:          | n: varint | n bytes of UTF-8 |
 * </pre>
 *
 * <p>Lists are held by each znode, not in a table that counts references (as ZooKeeper's, whose
 * counts came out of step): the usual one takes nothing, and there is nothing to leak.
 *
 * <p>A zxid is two varints, upper and lower half. Varints have 7 bits a byte, lowest first.
 */
final class ZnodeRecord {
  /** Header of the array, its place in a page, and the page's unused places, about. */
  private static final int RECORD_OVERHEAD_BYTES = 48;

  private static final int DATA = 1;
  private static final int OWNED = 2;
  private static final int CHANGED = 4;
  private static final int ACL = 8;
  private static final int ACL_CHANGED = 16;
  private static final int TTL = 32;
  private static final int EXPIRES = 64;
  private static final int CONTAINER = 128;
  private static final int LIFETIME = TTL | EXPIRES | CONTAINER;
  private static final int TERMS = ACL | ACL_CHANGED | LIFETIME;

  /** Varints of all fields before the list of a znode that has them all. */
  private static final int VARINTS_MAX = 13;

  /** Longest varint of a long. */
  private static final int VARINT_BYTES_MAX = 10;

  private static final byte[] NONE = {};

  private static final long DATA_PART_SEED = 0x9D3A_51C7_20E4_B86FL;

  private ZnodeRecord() {}

  /** Packs a new znode. */
  static byte[] created(
      byte[] name,
      int nameFrom,
      int nameTo,
      byte @Nullable [] data,
      long owner,
      ZnodeTerms terms,
      long zxid,
      long timeMillis) {
    Fields fields = new Fields();
    fields.czxid = zxid;
    fields.ctime = timeMillis;
    fields.mzxid = zxid;
    fields.mtime = timeMillis;
    fields.owner = owner;
    fields.set(terms);
    return fields.pack(name, nameFrom, nameTo, data);
  }

  /** Packs a znode from its stat, of which what concerns its children is not looked at. */
  static byte[] pack(byte[] name, ZnodeStat stat, ZnodeTerms terms, byte @Nullable [] data) {
    Fields fields = new Fields();
    fields.czxid = stat.czxid();
    fields.ctime = stat.ctimeMillis();
    fields.mzxid = stat.mzxid();
    fields.mtime = stat.mtimeMillis();
    fields.version = stat.version();
    fields.owner = stat.ephemeralOwner();
    fields.set(terms);
    return fields.pack(name, 0, name.length, data);
  }

  /** The same znode with other data. */
  static byte[] changed(
      byte[] record, byte @Nullable [] data, int version, long zxid, long timeMillis) {
    Fields fields = new Fields(record);
    fields.mzxid = zxid;
    fields.mtime = timeMillis;
    fields.version = version;
    return fields.pack(record, nameFrom(record), nameFrom(record) + nameLength(record), data);
  }

  /** The same znode with other terms. */
  static byte[] withTerms(byte[] record, ZnodeTerms terms) {
    Fields fields = new Fields(record);
    fields.set(terms);
    return fields.pack(
        record, nameFrom(record), nameFrom(record) + nameLength(record), data(record));
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
    return (flags(record) & OWNED) == 0 ? 0 : new Fields(record).owner;
  }

  static long czxid(byte[] record) {
    return new Fields(record).czxid;
  }

  static byte @Nullable [] data(byte[] record) {
    Fields fields = new Fields(record);
    return fields.hasData ? Arrays.copyOfRange(record, fields.dataFrom, record.length) : null;
  }

  /** 0 for null data. */
  static int dataLength(byte[] record) {
    return record.length - new Fields(record).dataFrom;
  }

  static List<Acl> acl(byte[] record) {
    return (flags(record) & ACL) == 0 ? Acl.OPEN : new Fields(record).acl();
  }

  static ZnodeTerms terms(byte[] record) {
    return (flags(record) & TERMS) == 0 ? ZnodeTerms.USUAL : new Fields(record).terms();
  }

  static boolean hasLifetime(byte[] record) {
    return (flags(record) & LIFETIME) != 0;
  }

  static boolean isContainer(byte[] record) {
    return (flags(record) & CONTAINER) != 0;
  }

  /** Stat of a znode that never had a child. */
  static ZnodeStat stat(byte[] record) {
    Fields fields = new Fields(record);
    return fields.stat(fields.czxid, 0, 0);
  }

  static ZnodeStat stat(byte[] record, long pzxid, int cversion, int numChildren) {
    return new Fields(record).stat(pzxid, cversion, numChildren);
  }

  /** About what a znode takes in memory: its record, and its share of the page that holds it. */
  static long heapBytes(byte[] record) {
    return (long) record.length + RECORD_OVERHEAD_BYTES;
  }

  /** What this znode adds to the digest, apart from what concerns its children. */
  static long digestPart(byte[] record, byte[] path, int pathTo) {
    Fields fields = new Fields(record);
    long hash = XxHash64.hash(path, 0, pathTo, DATA_PART_SEED);
    hash = XxHash64.mix(fields.czxid, hash);
    hash = XxHash64.mix(fields.mzxid, hash);
    hash = XxHash64.mix(fields.ctime, hash);
    hash = XxHash64.mix(fields.mtime, hash);
    hash = XxHash64.mix(fields.version, hash);
    hash = XxHash64.mix(fields.owner, hash);
    if ((flags(record) & TERMS) != 0) {
      hash = XxHash64.mix(fields.aversion, hash);
      hash = XxHash64.mix(fields.ttl, hash);
      hash = XxHash64.mix(fields.expiresAt, hash);
      hash = XxHash64.mix(fields.container ? 1 : 0, hash);
      hash = XxHash64.hash(record, fields.aclFrom, fields.dataFrom - fields.aclFrom, hash);
    }
    if (fields.hasData) {
      hash = XxHash64.hash(record, fields.dataFrom, record.length - fields.dataFrom, hash);
    }
    return hash;
  }

  private static int flags(byte[] record) {
    return record[nameFrom(record) + nameLength(record)];
  }

  /** The fields of a record, taken apart or to be packed. */
  private static final class Fields {
    private long czxid;
    private long mzxid;
    private long ctime;
    private long mtime;
    private int version;
    private long owner;
    private int aversion;
    private long ttl;
    private long expiresAt;
    private boolean container;

    /** The packed list is {@code list[aclFrom, aclTo)}; none for the open one. */
    private byte[] list = NONE;

    private int aclFrom;
    private int aclTo;

    /** Of a record that was taken apart. */
    private boolean hasData;

    private int dataFrom;

    /** Where the next field is read. */
    private int at;

    Fields() {}

    Fields(byte[] record) {
      list = record;
      at = nameFrom(record) + nameLength(record);
      int flags = record[at++];
      hasData = (flags & DATA) != 0;
      czxid = zxid();
      ctime = varint();
      owner = (flags & OWNED) != 0 ? zxid() : 0;
      if ((flags & CHANGED) != 0) {
        mzxid = zxid();
        mtime = varint();
        version = zigzag();
      } else {
        mzxid = czxid;
        mtime = ctime;
      }
      aversion = (flags & ACL_CHANGED) != 0 ? zigzag() : 0;
      ttl = (flags & TTL) != 0 ? varint() : 0;
      expiresAt = (flags & EXPIRES) != 0 ? varint() : 0;
      container = (flags & CONTAINER) != 0;
      int aclLength = (flags & ACL) != 0 ? (int) varint() : 0;
      aclFrom = at;
      aclTo = at + aclLength;
      dataFrom = aclTo;
    }

    void set(ZnodeTerms terms) {
      aversion = terms.aversion();
      ttl = terms.ttlMillis();
      expiresAt = terms.expiresAtMillis();
      container = terms.container();
      list = terms.acl().equals(Acl.OPEN) ? NONE : packed(terms.acl());
      aclFrom = 0;
      aclTo = list.length;
    }

    byte[] pack(byte[] name, int nameFrom, int nameTo, byte @Nullable [] data) {
      int flags = data == null ? 0 : DATA;
      int nameLength = nameTo - nameFrom;
      int aclLength = aclTo - aclFrom;
      byte[] head = new byte[VARINT_BYTES_MAX * VARINTS_MAX + 1];
      flags |= owner != 0 ? OWNED : 0;
      flags |= mzxid != czxid || mtime != ctime || version != 0 ? CHANGED : 0;
      flags |= aversion != 0 ? ACL_CHANGED : 0;
      flags |= ttl != 0 ? TTL : 0;
      flags |= expiresAt != 0 ? EXPIRES : 0;
      flags |= container ? CONTAINER : 0;
      flags |= aclLength != 0 ? ACL : 0;
      int end = 0;
      head[end++] = (byte) flags;
      end = putZxid(head, end, czxid);
      end = putVarint(head, end, ctime);
      if ((flags & OWNED) != 0) {
        end = putZxid(head, end, owner);
      }
      if ((flags & CHANGED) != 0) {
        end = putZxid(head, end, mzxid);
        end = putVarint(head, end, mtime);
        end = putZigzag(head, end, version);
      }
      if ((flags & ACL_CHANGED) != 0) {
        end = putZigzag(head, end, aversion);
      }
      if ((flags & TTL) != 0) {
        end = putVarint(head, end, ttl);
      }
      if ((flags & EXPIRES) != 0) {
        end = putVarint(head, end, expiresAt);
      }
      if ((flags & ACL) != 0) {
        end = putVarint(head, end, aclLength);
      }
      int dataLength = data == null ? 0 : data.length;
      byte[] record =
          new byte[varintLength(nameLength) + nameLength + end + aclLength + dataLength];
      int to = putVarint(record, 0, nameLength);
      System.arraycopy(name, nameFrom, record, to, nameLength);
      to += nameLength;
      System.arraycopy(head, 0, record, to, end);
      to += end;
      System.arraycopy(list, aclFrom, record, to, aclLength);
      if (data != null) {
        System.arraycopy(data, 0, record, to + aclLength, dataLength);
      }
      return record;
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
          aversion,
          owner,
          list.length - dataFrom,
          numChildren,
          ZnodeTerms.dueMillis(expiresAt, ttl, mtime));
    }

    ZnodeTerms terms() {
      return new ZnodeTerms(acl(), aversion, ttl, expiresAt, container);
    }

    List<Acl> acl() {
      if (aclFrom == aclTo) {
        return Acl.OPEN;
      }
      at = aclFrom;
      int entries = (int) varint();
      List<Acl> acl = new ArrayList<>(entries);
      for (int i = 0; i < entries; i++) {
        int permissions = list[at++];
        acl.add(new Acl(permissions, new Identity(string(), string())));
      }
      return List.copyOf(acl);
    }

    private String string() {
      int length = (int) varint();
      String string = new String(list, at, length, UTF_8);
      at += length;
      return string;
    }

    private long zxid() {
      long upper = varint();
      return upper << 32 | varint();
    }

    private int zigzag() {
      int zigzag = (int) varint();
      return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private long varint() {
      long value = 0;
      int shift = 0;
      byte next;
      do {
        next = list[at++];
        value |= (next & 0x7FL) << shift;
        shift += 7;
      } while (next < 0);
      return value;
    }
  }

  private static byte[] packed(List<Acl> acl) {
    List<byte[]> texts = new ArrayList<>(2 * acl.size());
    int length = VARINT_BYTES_MAX;
    for (Acl entry : acl) {
      texts.add(entry.identity().scheme().getBytes(UTF_8));
      texts.add(entry.identity().id().getBytes(UTF_8));
      length += 1 + 2 * VARINT_BYTES_MAX;
    }
    for (byte[] text : texts) {
      length += text.length;
    }
    byte[] packed = new byte[length];
    int at = putVarint(packed, 0, acl.size());
    for (int i = 0; i < acl.size(); i++) {
      packed[at++] = (byte) acl.get(i).permissions();
      for (byte[] text : texts.subList(2 * i, 2 * i + 2)) {
        at = putVarint(packed, at, text.length);
        System.arraycopy(text, 0, packed, at, text.length);
        at += text.length;
      }
    }
    return Arrays.copyOf(packed, at);
  }

  private static int putZigzag(byte[] to, int at, int value) {
    return putVarint(to, at, (value << 1 ^ value >> 31) & 0xFFFF_FFFFL);
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
