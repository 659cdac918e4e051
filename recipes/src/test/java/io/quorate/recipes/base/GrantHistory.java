package io.quorate.recipes.base;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What holders saw of the grants of one exclusive thing, and whether that can be true: no two of
 * them at the same time, and each token greater than those before. Any thread.
 *
 * <p>A holder notes the beginning after it was granted, and the end before it releases, or when it
 * is told of the loss: so what is noted lies within the grant, and an overlap is one.
 */
public final class GrantHistory {
  /** One grant as its holder saw it; nanoseconds of {@link System#nanoTime}. */
  private static final class Entry {
    private final String holder;
    private final long token;
    private final long fromNanos;
    private long toNanos;
    private boolean ended;

    Entry(String holder, long token, long fromNanos) {
      this.holder = holder;
      this.token = token;
      this.fromNanos = fromNanos;
    }

    @Override
    public String toString() {
      return holder + " with token " + Long.toHexString(token);
    }
  }

  /** How a grant is ended. */
  @FunctionalInterface
  public interface End {
    /** Now; again does nothing. */
    void now();
  }

  private final List<Entry> entries = new ArrayList<>();

  /** Somebody was granted it just now. */
  public synchronized End granted(String holder, long token) {
    Entry entry = new Entry(holder, token, System.nanoTime());
    entries.add(entry);
    return () -> end(entry);
  }

  private synchronized void end(Entry entry) {
    if (!entry.ended) {
      entry.ended = true;
      entry.toNanos = System.nanoTime();
    }
  }

  public synchronized int size() {
    return entries.size();
  }

  /** What is wrong, for people; empty if nothing is. Grants without an end go on. */
  public synchronized List<String> problems() {
    List<String> problems = new ArrayList<>();
    List<Entry> byTime = new ArrayList<>(entries);
    byTime.sort(Comparator.comparingLong(entry -> entry.fromNanos));
    Set<Long> tokens = new TreeSet<>();
    for (int i = 0; i < byTime.size(); i++) {
      Entry entry = byTime.get(i);
      if (!tokens.add(entry.token)) {
        problems.add("two grants have the token of " + entry);
      }
      if (i > 0) {
        Entry before = byTime.get(i - 1);
        if (before.token >= entry.token) {
          problems.add(entry + " came after " + before + ", but its token is not greater");
        }
        if (!before.ended || before.toNanos - entry.fromNanos > 0) {
          problems.add(entry + " was granted while " + before + " held it");
        }
      }
    }
    return problems;
  }
}
