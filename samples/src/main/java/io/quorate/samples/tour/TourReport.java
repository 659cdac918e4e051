package io.quorate.samples.tour;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the services said, and whether it is what Quorate promises. Filled by several threads. */
final class TourReport {
  /** How many things {@link #problems} checks. */
  static final int CHECKS = 6;

  /** A write gap above this is a failure, whatever the machine is busy with. */
  private static final long GAP_MILLIS_MAX = 5_000;

  private static final int GRANTS_MIN = 10;

  private final List<Grant> grants = new ArrayList<>();
  private final Map<Long, String> over = new HashMap<>();
  private long losses;
  private long refusals;
  private long longestGapMillis;
  private boolean gapSealed;
  private long news;

  /** One grant as a service reported it. */
  record Grant(String service, long token, long safeMillis) {}

  /** One line of a service. */
  synchronized void heard(String service, String line) {
    String[] words = line.split(" ", 3);
    switch (words[0]) {
      case "GRANT" ->
          grants.add(new Grant(service, Long.parseLong(words[1]), Long.parseLong(words[2])));
      case "RELEASED" -> over.put(Long.parseLong(words[1]), "released");
      case "LOST" -> {
        losses++;
        over.put(Long.parseLong(words[1]), "lost: " + words[2]);
      }
      case "REFUSED" -> refusals++;
      case "GAP" ->
          longestGapMillis =
              gapSealed ? longestGapMillis : Math.max(longestGapMillis, Long.parseLong(words[2]));
      default -> {
        // Told for people who read the log; nothing to count.
      }
    }
    news++;
    notifyAll();
  }

  /** Returns when a line came that had not come before, or that time has passed. */
  synchronized void awaitNews(Duration atMost) throws InterruptedException {
    long seen = news;
    long endNanos = System.nanoTime() + atMost.toNanos();
    long left = atMost.toMillis();
    while (news == seen && left > 0) {
      wait(left);
      left = (endNanos - System.nanoTime()) / 1_000_000;
    }
  }

  synchronized List<Grant> grants() {
    return List.copyOf(grants);
  }

  /** The grant with that number, counted from 1; null if there were fewer. */
  synchronized @Nullable Grant grantNumber(int number) {
    return grants.size() < number ? null : grants.get(number - 1);
  }

  /** The newest grant, if it is not known to be over. */
  synchronized @Nullable Grant holder() {
    if (grants.isEmpty()) {
      return null;
    }
    Grant newest = grants.get(grants.size() - 1);
    return over.containsKey(newest.token()) ? null : newest;
  }

  synchronized boolean isOver(long token) {
    return over.containsKey(token);
  }

  synchronized @Nullable String howOver(long token) {
    return over.get(token);
  }

  /** From now on a service is frozen on purpose; the time that it does not write then is no gap. */
  synchronized void sealGap() {
    gapSealed = true;
  }

  synchronized long longestGapMillis() {
    return longestGapMillis;
  }

  /** Who had the lock how often. */
  synchronized String describeTurns() {
    StringBuilder text = new StringBuilder();
    for (Grant grant : grants) {
      text.append(text.isEmpty() ? "" : " ")
          .append(grant.service().charAt(grant.service().length() - 1));
    }
    return text.toString();
  }

  /**
   * What is not as promised; empty if all is well.
   *
   * @param store accepted, refused, stale but accepted, highest token
   */
  synchronized List<String> problems(long[] store) {
    List<String> problems = new ArrayList<>();
    if (grants.size() < GRANTS_MIN) {
      problems.add("expected at least " + GRANTS_MIN + " grants, found " + grants.size());
    }
    for (int i = 1; i < grants.size(); i++) {
      if (grants.get(i).token() <= grants.get(i - 1).token()) {
        problems.add(
            "tokens must strictly increase, found "
                + grants.get(i - 1)
                + " before "
                + grants.get(i));
        break;
      }
    }
    if (store[1] < 1 || refusals < 1) {
      problems.add("expected a stale write that the store refused, found " + store[1]);
    }
    if (store[2] != 0) {
      problems.add("expected no stale write that the store accepted, found " + store[2]);
    }
    if (losses < 1) {
      problems.add("expected the frozen service to be told that its grant is lost");
    }
    if (longestGapMillis > GAP_MILLIS_MAX) {
      problems.add(
          "expected no write gap above "
              + GAP_MILLIS_MAX
              + " ms, found "
              + longestGapMillis
              + " ms");
    }
    return problems;
  }
}
