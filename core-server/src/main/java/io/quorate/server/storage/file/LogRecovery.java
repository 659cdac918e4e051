package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.replication.LogIdentifiers;
import io.quorate.server.replication.Recovered;
import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the segments of a history in order, checks that they are one chain, and writes the last one
 * anew.
 *
 * <p>A torn tail can only be in the last segment: a segment is synced, identifiers and all, before
 * the next one is made. So any other segment has to end exactly where its successor begins.
 */
final class LogRecovery {
  private final Disk disk;
  private final String directory;
  private final long historyId;
  private final StorageOptions options;
  private final Consumer<String> report;
  private final List<Recovered.Hole> holes = new ArrayList<>();

  LogRecovery(
      Disk disk,
      String directory,
      long historyId,
      StorageOptions options,
      Consumer<String> report) {
    this.disk = disk;
    this.directory = directory;
    this.historyId = historyId;
    this.options = options;
    this.report = report;
  }

  /** Entries known by identifier but damaged, in order. */
  List<Recovered.Hole> holes() {
    return holes;
  }

  /**
   * Opens the log. Everything in it is durable on return.
   *
   * @throws StorageException if an entry was durable that is not to be identified any more
   */
  SegmentedLog run() throws IOException {
    List<Long> predecessors = Layout.segments(disk, directory);
    if (predecessors.isEmpty()) {
      throw new StorageException(
          directory + ": a history always has a log segment, found none; files were lost");
    }
    List<LogSegment> segments = new ArrayList<>();
    LogIdentifiers identifiers = null;
    for (int i = 0; i < predecessors.size(); i++) {
      String name = Layout.path(directory, Layout.segment(predecessors.get(i)));
      boolean last = i == predecessors.size() - 1;
      SegmentHeader next = last ? null : header(disk, directory, predecessors.get(i + 1));
      SegmentScan scan = scan(name, predecessors.get(i), next);
      if (identifiers == null) {
        identifiers =
            new LogIdentifiers(scan.header().predecessorZxid(), scan.header().predecessorHash());
      }
      checkContinues(name, scan, identifiers);
      for (int j = 0; j < scan.count(); j++) {
        identifiers.append(scan.zxid(j), scan.hash(j));
      }
      segments.add(
          last
              ? SegmentRewrite.run(disk, directory, name, scan.count())
              : LogSegment.open(disk, name, scan));
    }
    return new SegmentedLog(
        disk,
        directory,
        historyId,
        options,
        segments,
        identifiers == null ? new LogIdentifiers(Zxid.NONE, 0) : identifiers);
  }

  /** The header of a segment; null if it is damaged. */
  static @Nullable SegmentHeader header(Disk disk, String directory, long predecessor)
      throws IOException {
    try (Disk.File file = disk.open(Layout.path(directory, Layout.segment(predecessor)))) {
      return SegmentScan.headerOf(file, predecessor);
    }
  }

  private SegmentScan scan(String name, long predecessor, @Nullable SegmentHeader next)
      throws IOException {
    SegmentScan scan;
    try (Disk.File file = disk.open(name)) {
      scan = SegmentScan.of(file, predecessor, next);
    } catch (IllegalArgumentException e) {
      throw new StorageException(name + ": " + e.getMessage(), e);
    }
    for (SegmentScan.Remark remark : scan.remarks()) {
      String what = "%s at offset %d: %s".formatted(name, remark.offset(), remark.what());
      switch (remark.verdict()) {
        case HOLE ->
            holes.add(
                new Recovered.Hole(
                    remark.zxid(), name + " at offset " + remark.offset(), remark.what()));
        case LOST ->
            throw new StorageException(
                what + "; an entry was durable here and nothing tells which");
        case CUT -> report.accept(what + "; torn tail, cut");
        case KEEP, REBUILD, END -> report.accept(what);
      }
    }
    return scan;
  }

  private static void checkContinues(
      String name, SegmentScan scan, @Nullable LogIdentifiers before) {
    SegmentHeader header = scan.header();
    if (before != null
        && (header.predecessorZxid() != before.lastZxid()
            || header.predecessorHash() != before.lastHash())) {
      throw new StorageException(
          "%s follows %s#%x, but the segment before it ends with %s#%x; entries between are lost"
              .formatted(
                  name,
                  Zxid.format(header.predecessorZxid()),
                  header.predecessorHash(),
                  Zxid.format(before.lastZxid()),
                  before.lastHash()));
    }
  }
}
