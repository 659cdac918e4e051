package io.quorate.server.storage.file;

/** How much room a segment takes, for tests that draw the size of a disk in segments. */
public final class SegmentSize {
  private SegmentSize() {}

  /** The length of a segment's file while it is written to, and at least that afterwards. */
  public static long fileBytes(int segmentBytes) {
    int slots = SegmentHeader.slotCapacityFor(segmentBytes);
    return new SegmentHeader(slots, 1, 0, 0).entriesOffset() + segmentBytes;
  }
}
