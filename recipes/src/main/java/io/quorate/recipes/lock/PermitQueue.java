package io.quorate.recipes.lock;

import io.quorate.client.Op;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.recipes.base.Place;
import io.quorate.recipes.base.QueueAttempt.Own;
import io.quorate.recipes.base.QueuePolicy;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is granted permits: everybody for whom they suffice, counted from the front of the queue. The
 * names say how many each asks for, {@code permits-3-0000000042}, so that the queue alone tells
 * what is out; as places only leave, who is granted once stays so.
 *
 * <p>Who does not fit waits for one znode: behind somebody who waits as well, for that one, who
 * changes its znode when it is granted; at the front, for the directory. So a release wakes one.
 */
final class PermitQueue implements QueuePolicy {
  private static final String PREFIX = "permits-";

  private final String directory;
  private final int permits;
  private final byte[] mark;

  /** The limit that the user says; 0 if it was found to be so before. */
  private final int expected;

  PermitQueue(String directory, int permits, int expected, byte[] mark) {
    this.directory = directory;
    this.permits = permits;
    this.expected = expected;
    this.mark = mark;
  }

  static String prefix(int permits) {
    return PREFIX + permits + "-";
  }

  /** The prefix of a name of the queue, with the number of permits; null for other names. */
  static @Nullable String prefixOf(String name) {
    int end = name.indexOf('-', PREFIX.length());
    return name.startsWith(PREFIX) && end > 0 && permitsOf(name.substring(0, end + 1)) > 0
        ? name.substring(0, end + 1)
        : null;
  }

  /** How many permits a prefix asks for; 0 if it is none of ours. */
  static int permitsOf(String prefix) {
    try {
      int parsed = Integer.parseInt(prefix.substring(PREFIX.length(), prefix.length() - 1));
      return prefix(parsed).equals(prefix) ? parsed : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** How many permits those up to and including {@code index} ask for. */
  static long sumTo(Standing standing, int index) {
    long sum = 0;
    for (int i = 0; i <= index; i++) {
      sum += permitsOf(standing.places().get(i).prefix());
    }
    return sum;
  }

  @Override
  public Verdict look(Standing standing, Own own, @Nullable Znode extra) {
    StoredLimit stored = extra == null ? null : StoredLimit.parse(extra.data());
    if (stored == null || extra == null) {
      return refused("semaphore " + directory + " stores no limit in its znode", expected, 0);
    }
    if (expected != 0 && stored.limit() != expected) {
      return refused(
          "semaphore %s has the limit %d, expected was %d"
              .formatted(directory, stored.limit(), expected),
          expected,
          stored.limit());
    }
    if (permits > stored.limit()) {
      return refused(
          "%d permits of semaphore %s were asked for, but its limit is %d"
              .formatted(permits, directory, stored.limit()),
          permits,
          stored.limit());
    }
    if (sumTo(standing, standing.index()) <= stored.limit()) {
      // What was read later than the own znode was made may be out of date as to the limit; and the
      // one behind has to learn that it is at the front now.
      return standing.atCreation()
          ? Verdict.GRANTED
          : new Verdict.Granted(
              List.of(Op.check(directory, extra.stat().version()), Op.set(own.path(), mark)));
    }
    Place before = standing.predecessor();
    return before == null || sumTo(standing, standing.index() - 1) <= stored.highest()
        ? Verdict.waitForChange(directory)
        : Verdict.waitForChange(ZnodePath.child(directory, before.name()));
  }

  private static Verdict refused(String message, int expected, int found) {
    return new Verdict.Refused(new LimitMismatchException(message, expected, found));
  }
}
