package io.quorate.server.request;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a quorum round: pings, linearizable reads and syncs. All that arrive in one turn
 * share one round; every attempt has a token of its own, so that a late answer to an earlier
 * attempt settles nothing (R29).
 *
 * <p>The way of a waiter: gathered, under way under a token, confirmed at a zxid, applied up to it.
 * Confined to the node thread.
 */
public final class Confirmations {
  /** Something that waits. */
  interface Waiter {
    /** False once its connection is over: it is dropped at the next occasion. */
    boolean isLive();

    /** The session to touch at the leader, or 0. */
    long touchedSession();

    /** The round is over, and everything up to its index is applied here. */
    void settled();
  }

  /**
   * One round to ask for.
   *
   * @param sessionIds to touch at the leader, each once
   */
  public record Batch(long token, List<Long> sessionIds) {}

  private record Confirmed(long zxid, List<Waiter> waiters) {}

  private final List<Waiter> gathered = new ArrayList<>();
  private final TreeMap<Long, List<Waiter>> underWay = new TreeMap<>();
  private final ArrayDeque<Confirmed> unapplied = new ArrayDeque<>();
  private long lastToken;

  /**
   * @param firstToken from a random start, so that no earlier life of this server used the tokens
   */
  Confirmations(long firstToken) {
    lastToken = firstToken;
  }

  void add(Waiter waiter) {
    gathered.add(waiter);
  }

  /** Everything gathered since the last call, under a fresh token; null if there is nothing. */
  @Nullable Batch next() {
    gathered.removeIf(waiter -> !waiter.isLive());
    if (gathered.isEmpty()) {
      return null;
    }
    Set<Long> touched = new LinkedHashSet<>();
    for (Waiter waiter : gathered) {
      if (waiter.touchedSession() != 0) {
        touched.add(waiter.touchedSession());
      }
    }
    lastToken++;
    underWay.put(lastToken, List.copyOf(gathered));
    gathered.clear();
    return new Batch(lastToken, List.copyOf(touched));
  }

  /** The round with that token succeeded; unknown tokens belong to attempts given up. */
  void confirmed(long token, long zxid) {
    List<Waiter> waiters = underWay.remove(token);
    if (waiters != null) {
      unapplied.add(new Confirmed(zxid, waiters));
    }
  }

  /** Settles, in order, what waited for {@code zxid} to be applied. */
  void applied(long zxid) {
    Iterator<Confirmed> confirmed = unapplied.iterator();
    List<Waiter> due = new ArrayList<>();
    while (confirmed.hasNext()) {
      Confirmed next = confirmed.next();
      if (next.zxid() > zxid) {
        break;
      }
      due.addAll(next.waiters());
      confirmed.remove();
    }
    for (Waiter waiter : due) {
      if (waiter.isLive()) {
        waiter.settled();
      }
    }
  }

  /** The rounds under way are lost: whoever waited for them asks anew. */
  void askAgain() {
    List<Waiter> again = new ArrayList<>();
    underWay.values().forEach(again::addAll);
    again.addAll(gathered);
    underWay.clear();
    gathered.clear();
    gathered.addAll(again);
  }

  /** Number of waiters on rounds not yet confirmed or applied. */
  int size() {
    int size = gathered.size();
    for (Map.Entry<Long, List<Waiter>> round : underWay.entrySet()) {
      size += round.getValue().size();
    }
    for (Confirmed confirmed : unapplied) {
      size += confirmed.waiters().size();
    }
    return size;
  }
}
