package io.quorate.server.storage.file;

import io.quorate.data.Zxid;
import io.quorate.server.replication.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@link StoreChecker} found in a data directory.
 *
 * @param findings everything that is not as it should be, in the order of reading
 */
public record CheckReport(Summary summary, List<Finding> findings) {
  public CheckReport {
    findings = List.copyOf(findings);
  }

  /** What a finding means for the node. */
  public enum Consequence {
    /**
     * A leftover of a crash or a torn tail that was never acknowledged: the next start removes it.
     */
    CLEANED("the next start cleans it up; nothing is lost"),
    /** Damage with a second copy. */
    REPAIRED("the next start repairs it from its second copy; nothing is lost"),
    /** Something nobody needs, or that a person put there. */
    IGNORED("ignored"),
    /** A snapshot that does not count. */
    SNAPSHOT_LOST("this snapshot does not count; an older one and the log take its place"),
    /** An entry known by its identifier only. */
    HOLE("the node knows which entry is missing and does not vote"),
    /** Promise lost. */
    WIPED("the node counts as wiped: it does not vote until the ensemble has taken it in again"),
    /** Lost and not to be identified. */
    REFUSED("the node refuses to start; restore it from its peers with an empty directory");

    private final String sentence;

    Consequence(String sentence) {
      this.sentence = sentence;
    }

    public String sentence() {
      return sentence;
    }
  }

  /**
   * One thing that is wrong.
   *
   * @param file relative to the data directory
   * @param offset in the file, where the record begins; 0 if it is the file as a whole
   * @param what what was expected and what was found
   */
  public record Finding(String file, long offset, String what, Consequence consequence) {
    @Override
    public String toString() {
      return "%s at offset %d: %s; %s".formatted(file, offset, what, consequence.sentence());
    }
  }

  /** A snapshot file. {@code digest} is of the state it holds; meaningless unless intact. */
  public record Snapshot(long zxid, long digest, boolean intact, long bytes) {}

  /**
   * What the directory holds, as far as it can be read.
   *
   * @param clusterId 0 if not known
   * @param nodeId 0 if not known
   * @param historyId 0 if not known
   * @param baseZxid the position after which the log begins
   * @param firstZxid of the log; 0 if it has no entry
   * @param lastZxid of the log; 0 if it has no entry
   * @param entries holes among them
   */
  public record Summary(
      long clusterId,
      int nodeId,
      long historyId,
      @Nullable Promise promise,
      long baseZxid,
      long firstZxid,
      long lastZxid,
      int segments,
      long entries,
      long holes,
      List<Snapshot> snapshots) {
    public Summary {
      snapshots = List.copyOf(snapshots);
    }

    /** For a person, a line each. */
    public List<String> lines() {
      List<String> lines = new ArrayList<>();
      lines.add(line("cluster %x, node %d, history %d", clusterId, nodeId, historyId));
      lines.add(
          promise == null
              ? "promise: none"
              : line(
                  "promise: epoch %d, voted for %d, incarnation %x, membership %s",
                  promise.epoch(),
                  promise.votedFor(),
                  promise.incarnation(),
                  promise.membership() == null
                      ? "none"
                      : Zxid.format(promise.membership().zxid())));
      lines.add(
          line(
              "log: after %s, %d entries %s to %s in %d segments, %d holes",
              Zxid.format(baseZxid),
              entries,
              Zxid.format(firstZxid),
              Zxid.format(lastZxid),
              segments,
              holes));
      for (Snapshot snapshot : snapshots) {
        lines.add(
            line(
                "snapshot: %s, digest %016x, %d bytes%s",
                Zxid.format(snapshot.zxid()),
                snapshot.digest(),
                snapshot.bytes(),
                snapshot.intact() ? "" : ", DAMAGED"));
      }
      return lines;
    }

    private static String line(String format, Object... args) {
      return String.format(Locale.ROOT, format, args);
    }
  }

  /** Whether everything is there and whole; leftovers don't count. */
  public boolean sound() {
    for (Finding finding : findings) {
      if (finding.consequence() != Consequence.CLEANED
          && finding.consequence() != Consequence.IGNORED) {
        return false;
      }
    }
    return true;
  }
}
