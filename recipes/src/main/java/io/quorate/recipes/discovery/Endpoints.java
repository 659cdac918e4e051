package io.quorate.recipes.discovery;

import io.quorate.recipes.base.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What one handle knows of the instances beyond what they say: open picks, failures, who rests.
 *
 * <p>An instance that failed rests for a time that doubles with each failure in a row. When the
 * time is over one pick at a time tries it (half-open). If every instance that takes work rests,
 * resting says nothing about which is better, and perhaps the failures are the caller's own: then
 * the one whose rest ends first is picked. A new life of an instance begins without failures.
 *
 * <p>Any thread; everything under one lock, for picks to see each other.
 */
final class Endpoints {
  /** An instance as this handle has met it. All fields are guarded by the lock. */
  static final class Endpoint {
    private Instance instance;
    private long czxid;
    private int outstanding;

    /** In a row. */
    private int failures;

    /** Only means something while {@code failures} is above 0. */
    private long restsUntilNanos;

    /** Open picks that try it. */
    private int probes;

    Endpoint(Instance instance, long czxid) {
      this.instance = instance;
      this.czxid = czxid;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Strategy.Chooser chooser;
  private final LongSupplier clock;
  private final Duration retireFor;
  private final Duration retireForMax;
  private final LongSupplier dice;

  /** By id. Guarded by lock. */
  private TreeMap<String, Endpoint> all = new TreeMap<>();

  /**
   * @param clock monotonic nanoseconds
   * @param dice for strategy and rests
   */
  Endpoints(
      Strategy strategy,
      Duration retireFor,
      Duration retireForMax,
      LongSupplier clock,
      LongSupplier dice) {
    this.chooser = strategy.chooser(dice);
    this.clock = clock;
    this.retireFor = retireFor;
    this.retireForMax = retireForMax;
    this.dice = dice;
  }

  /** These are the instances from now on. */
  void replace(List<ServiceView.Known> known) {
    lock.lock();
    try {
      TreeMap<String, Endpoint> next = new TreeMap<>();
      for (ServiceView.Known each : known) {
        String id = each.instance().id();
        Endpoint endpoint = all.get(id);
        if (endpoint == null) {
          endpoint = new Endpoint(each.instance(), each.czxid());
        } else if (endpoint.czxid != each.czxid()) {
          endpoint.czxid = each.czxid();
          endpoint.failures = 0;
        }
        endpoint.instance = each.instance();
        next.put(id, endpoint);
      }
      all = next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Picks one.
   *
   * @throws NoInstanceException if none takes work
   */
  Pick pick(String service) {
    lock.lock();
    try {
      List<Endpoint> available = new ArrayList<>(all.size());
      for (Endpoint endpoint : all.values()) {
        if (endpoint.instance.isAvailable()) {
          available.add(endpoint);
        }
      }
      if (available.isEmpty()) {
        throw new NoInstanceException(service, describeUnavailable());
      }
      Endpoint chosen = choose(available);
      boolean probe = chosen.failures > 0;
      chosen.outstanding++;
      chosen.probes += probe ? 1 : 0;
      return new Pick(this, chosen, chosen.instance, probe);
    } finally {
      lock.unlock();
    }
  }

  private String describeUnavailable() {
    long draining = all.values().stream().filter(each -> each.instance.draining()).count();
    return all.isEmpty()
        ? "it has none"
        : "%d draining, %d DOWN".formatted(draining, all.size() - draining);
  }

  private Endpoint choose(List<Endpoint> available) {
    long now = clock.getAsLong();
    List<Endpoint> awake = available.stream().filter(each -> !rests(each, now)).toList();
    if (awake.isEmpty()) {
      return firstToWake(available);
    }
    List<Endpoint> up = awake.stream().filter(each -> each.instance.health() == Health.UP).toList();
    List<Endpoint> best = up.isEmpty() ? awake : up;
    List<Candidate> candidates =
        best.stream().map(each -> new Candidate(each.instance, each.outstanding)).toList();
    Candidate choice = chooser.choose(candidates);
    int index = candidates.indexOf(choice);
    if (index < 0) {
      throw new IllegalStateException(
          "a strategy chose what was no candidate: " + choice.instance().id());
    }
    return best.get(index);
  }

  /** Whether it failed, and either its time is not over or somebody is trying it. */
  private static boolean rests(Endpoint endpoint, long now) {
    return endpoint.failures > 0 && (endpoint.restsUntilNanos - now > 0 || endpoint.probes > 0);
  }

  private static Endpoint firstToWake(List<Endpoint> resting) {
    Endpoint first = resting.get(0);
    for (Endpoint each : resting) {
      if (each.restsUntilNanos - first.restsUntilNanos < 0) {
        first = each;
      }
    }
    return first;
  }

  void failed(Pick pick) {
    lock.lock();
    try {
      if (!pick.markFailed()) {
        return;
      }
      Endpoint endpoint = pick.endpoint();
      long now = clock.getAsLong();
      if (endpoint.failures > 0 && endpoint.restsUntilNanos - now > 0) {
        // Picked before the failure that it rests for.
        return;
      }
      endpoint.failures++;
      Duration rest = Pause.after(endpoint.failures - 1, retireFor, retireForMax, dice);
      endpoint.restsUntilNanos = now + rest.toNanos();
    } finally {
      lock.unlock();
    }
  }

  void closed(Pick pick) {
    lock.lock();
    try {
      if (!pick.markClosed()) {
        return;
      }
      Endpoint endpoint = pick.endpoint();
      endpoint.outstanding--;
      if (pick.isProbe()) {
        endpoint.probes--;
        if (!pick.hasFailed()) {
          endpoint.failures = 0;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ids of those that rest, in order. */
  List<String> resting() {
    lock.lock();
    try {
      long now = clock.getAsLong();
      return all.values().stream()
          .filter(each -> rests(each, now))
          .map(each -> each.instance.id())
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** Open picks of that instance. */
  int outstanding(String id) {
    lock.lock();
    try {
      Endpoint endpoint = all.get(id);
      return endpoint == null ? 0 : endpoint.outstanding;
    } finally {
      lock.unlock();
    }
  }
}
