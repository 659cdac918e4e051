package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.replication.LogEntry;
import io.quorate.server.storage.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads one segment file from start to end and judges each position. Reads only; bounded by the
 * length of the file, whatever its bytes say.
 */
final class SegmentScan {
  private static final int WINDOW_BYTES = 256 << 10;

  /** A finding worth telling, at an offset of the file. */
  record Remark(Verdict verdict, long offset, long zxid, String what) {}

  private final Disk.File file;
  private final SegmentHeader header;
  private final @Nullable SegmentHeader next;
  private final long fileLength;
  private final ByteBuffer slots;
  private final int slotsUsed;
  private final List<Remark> remarks;

  private long[] zxids = new long[64];
  private long[] hashes = new long[64];
  private int[] offsets = new int[64];
  private int count;
  private int end;

  private byte[] window;
  private long windowOffset;
  private int windowLength;

  private SegmentScan(
      Disk.File file, SegmentHeader header, @Nullable SegmentHeader next, List<Remark> remarks)
      throws IOException {
    this.file = file;
    this.next = next;
    this.header = header;
    this.remarks = remarks;
    this.fileLength = file.length();
    this.slots = readSlots(file, header);
    this.slotsUsed = slotsUsed(slots, header.slotCapacity());
    this.end = (int) header.entriesOffset();
    this.window = new byte[(int) Math.min(WINDOW_BYTES, fileLength - end + 1)];
  }

  /**
   * Scans a file that has to follow {@code expectedPredecessor}.
   *
   * @param next header of the segment after it: what is found behind the position that it names is
   *     noise in unused space; null for the last one
   * @throws IllegalArgumentException if both copies of the header are damaged, or the file is
   *     shorter than any segment
   */
  static SegmentScan of(Disk.File file, long expectedPredecessor, @Nullable SegmentHeader next)
      throws IOException {
    List<Remark> remarks = new ArrayList<>();
    SegmentHeader header = readHeader(file, expectedPredecessor, remarks);
    long length = file.length();
    Expect.that(
        length >= header.entriesOffset() && length <= Integer.MAX_VALUE,
        "length in [%d, 2^31) expected, found %d",
        header.entriesOffset(),
        length);
    SegmentScan scan = new SegmentScan(file, header, next, remarks);
    scan.run();
    return scan;
  }

  private static SegmentHeader readHeader(
      Disk.File file, long expectedPredecessor, List<Remark> remarks) throws IOException {
    SegmentHeader found = null;
    String problem = "";
    for (long offset : new long[] {0, SegmentHeader.COPY_OFFSET}) {
      try {
        SegmentHeader header = SegmentHeader.read(file, offset);
        Expect.that(
            header.predecessorZxid() == expectedPredecessor,
            "predecessor %s expected, found %s",
            Zxid.format(expectedPredecessor),
            Zxid.format(header.predecessorZxid()));
        found = found == null ? header : found;
      } catch (IllegalArgumentException e) {
        problem = "header copy: " + e.getMessage();
        remarks.add(new Remark(Verdict.REBUILD, offset, Zxid.NONE, problem));
      }
    }
    if (found == null) {
      throw new IllegalArgumentException("both copies of the header are damaged; " + problem);
    }
    return found;
  }

  private static ByteBuffer readSlots(Disk.File file, SegmentHeader header) throws IOException {
    ByteBuffer slots = ByteBuffer.allocate(header.slotCapacity() * Identifier.BYTES);
    Layout.readFully(file, SegmentHeader.SLOTS_OFFSET, slots);
    return slots.clear();
  }

  private static int slotsUsed(ByteBuffer slots, int capacity) {
    int used = capacity;
    while (used > 0 && Identifier.isBlank(slots, used - 1)) {
      used--;
    }
    return used;
  }

  private void run() throws IOException {
    long previousZxid = header.predecessorZxid();
    long previousHash = header.predecessorHash();
    while (count < header.slotCapacity() && !endsAt(previousZxid, previousHash)) {
      Identifier identifier = plausible(count, previousZxid);
      Verdict.Slot slot =
          identifier != null
              ? Verdict.Slot.VALID
              : Identifier.isBlank(slots, count) ? Verdict.Slot.BLANK : Verdict.Slot.DAMAGED;
      int bodyLength = loadLength(end);
      String problem = problem(bodyLength, previousZxid, previousHash);
      Verdict.Entry entry =
          problem.isEmpty()
              ? Verdict.Entry.INTACT
              : blank(bodyLength) ? Verdict.Entry.BLANK : Verdict.Entry.DAMAGED;
      int start = (int) (end - windowOffset);
      boolean intact = entry == Verdict.Entry.INTACT;
      boolean agree =
          intact
              && identifier != null
              && identifier.zxid() == EntryRecord.zxid(window, start)
              && identifier.hash() == EntryRecord.hash(window, start);
      Verdict verdict = Verdict.of(slot, count + 1 < slotsUsed, entry, agree);
      if (verdict == Verdict.LOST) {
        String what = intact ? "entry and identifier disagree" : problem + "; identifier damaged";
        remarks.add(new Remark(verdict, end, Zxid.NONE, what));
        return;
      }
      if (verdict == Verdict.CUT || verdict == Verdict.END) {
        if (verdict == Verdict.CUT) {
          remarks.add(new Remark(verdict, end, Zxid.NONE, problem));
        }
        return;
      }
      if (verdict == Verdict.HOLE && identifier != null) {
        previousZxid = identifier.zxid();
        previousHash = identifier.hash();
        bodyLength = identifier.bodyLength();
        remarks.add(new Remark(verdict, end, previousZxid, problem));
      } else {
        previousZxid = EntryRecord.zxid(window, start);
        previousHash = EntryRecord.hash(window, start);
        if (identifier == null && count < slotsUsed) {
          long at = SegmentHeader.SLOTS_OFFSET + (long) count * Identifier.BYTES;
          remarks.add(
              new Remark(verdict, at, previousZxid, "identifier damaged, rebuilt from the entry"));
        }
      }
      add(previousZxid, previousHash, end);
      end += EntryRecord.recordLength(bodyLength);
    }
  }

  private boolean endsAt(long zxid, long hash) {
    return next != null && next.predecessorZxid() == zxid && next.predecessorHash() == hash;
  }

  /** The header of a segment file, from whichever copy is intact; null if neither is. */
  static @Nullable SegmentHeader headerOf(Disk.File file, long expectedPredecessor)
      throws IOException {
    try {
      return readHeader(file, expectedPredecessor, new ArrayList<>());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The identifier of a slot if it fits where the scan is; one that does not fit is damaged. */
  private @Nullable Identifier plausible(int slot, long previousZxid) {
    Identifier identifier = Identifier.read(slots, slot, header.predecessorZxid());
    return identifier != null
            && identifier.zxid() > previousZxid
            && identifier.offset() == end
            && identifier.bodyLength() >= LogEntry.BODY_HEADER_BYTES
            && identifier.bodyLength() <= EntryRecord.BODY_BYTES_MAX
            && end <= Integer.MAX_VALUE - EntryRecord.recordLength(identifier.bodyLength())
        ? identifier
        : null;
  }

  /** Loads the record at an offset and returns the length of its body; -1 if it can't be one. */
  private int loadLength(int offset) throws IOException {
    if (!load(offset, EntryRecord.HEADER_BYTES)) {
      return -1;
    }
    int length = EntryRecord.claimedLength(window, (int) (offset - windowOffset));
    return length >= LogEntry.BODY_HEADER_BYTES
            && length <= EntryRecord.BODY_BYTES_MAX
            && load(offset, EntryRecord.recordLength(length))
        ? length
        : -1;
  }

  private String problem(int bodyLength, long previousZxid, long previousHash) {
    if (bodyLength < 0) {
      return "no entry record (length out of range)";
    }
    return EntryRecord.problem(
        window, (int) (end - windowOffset), bodyLength, previousZxid, previousHash);
  }

  /** Whether not even the header of a record was ever written at the end. */
  private boolean blank(int bodyLength) throws IOException {
    if (bodyLength >= 0) {
      return false;
    }
    int size = (int) Math.min(EntryRecord.HEADER_BYTES, Math.max(0, fileLength - end));
    if (!load(end, size)) {
      return true;
    }
    for (int i = 0; i < size; i++) {
      if (window[(int) (end - windowOffset) + i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Makes {@code size} bytes at an offset present in the window; false if the file ends before. */
  private boolean load(int offset, int size) throws IOException {
    if ((long) offset + size > fileLength) {
      return false;
    }
    if (offset >= windowOffset && offset + size <= windowOffset + windowLength) {
      return true;
    }
    if (window.length < size) {
      window = new byte[size];
    }
    windowOffset = offset;
    ByteBuffer in = ByteBuffer.wrap(window);
    Layout.readFully(file, offset, in);
    windowLength = in.remaining();
    return windowLength >= size;
  }

  private void add(long zxid, long hash, int offset) {
    if (count == zxids.length) {
      zxids = Arrays.copyOf(zxids, count * 2);
      hashes = Arrays.copyOf(hashes, count * 2);
      offsets = Arrays.copyOf(offsets, count * 2);
    }
    zxids[count] = zxid;
    hashes[count] = hash;
    offsets[count] = offset;
    count++;
  }

  SegmentHeader header() {
    return header;
  }

  /** What was found that is not as it should be, in order. */
  List<Remark> remarks() {
    return remarks;
  }

  /** Number of entries, holes among them. */
  int count() {
    return count;
  }

  /** Slots that are not blank: entries that were proven durable. */
  int slotsUsed() {
    return slotsUsed;
  }

  long zxid(int index) {
    return zxids[index];
  }

  long hash(int index) {
    return hashes[index];
  }

  /** Where each record begins, and after the last one where the log ends. */
  int[] offsets() {
    int[] all = Arrays.copyOf(offsets, count + 1);
    all[count] = end;
    return all;
  }

  long lastZxid() {
    return count == 0 ? header.predecessorZxid() : zxids[count - 1];
  }

  long lastHash() {
    return count == 0 ? header.predecessorHash() : hashes[count - 1];
  }

  /** Whether some remark has this verdict; returns the first such. */
  @Nullable Remark first(Verdict verdict) {
    for (Remark remark : remarks) {
      if (remark.verdict() == verdict) {
        return remark;
      }
    }
    return null;
  }
}
