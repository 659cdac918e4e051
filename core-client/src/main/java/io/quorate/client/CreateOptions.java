package io.quorate.client;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import java.time.Duration;
import java.util.List;

/**
 * How a znode is created. Immutable; {@code with...} gives a changed copy.
 *
 * @param mode whether the session owns it, whether the server completes its name, and when the
 *     ensemble deletes it by itself
 * @param acl who may do what with it; not empty
 * @param ttl for the modes that have one, and only for those: the znode is deleted once it has no
 *     children and its data was not changed for so long; whole milliseconds; zero for none
 * @param expireAfter the znode is deleted, once it has no children, when so much log time has
 *     passed; whole milliseconds; zero for never. See {@link QuorateClient#setExpiry}
 */
public record CreateOptions(CreateMode mode, List<Acl> acl, Duration ttl, Duration expireAfter) {

  /** Persistent, open to everybody, without end. */
  public static final CreateOptions DEFAULT = of(CreateMode.PERSISTENT);

  /** Longest time to live or expiry. */
  static final Duration DURATION_MAX = Duration.ofMillis((1L << 40) - 1);

  public CreateOptions {
    acl = List.copyOf(acl);
    if (acl.isEmpty()) {
      throw new IllegalArgumentException("an access control list has at least one entry");
    }
    if (!ttl.isZero()) {
      requireWithinLimits(ttl, "time to live");
      if (!mode.hasTtl()) {
        throw new IllegalArgumentException("a znode of mode " + mode + " has no time to live");
      }
    }
    if (!expireAfter.isZero()) {
      requireWithinLimits(expireAfter, "expiry");
    }
  }

  /** Open to everybody, without expiry. The modes with a time to live want {@link #withTtl}. */
  public static CreateOptions of(CreateMode mode) {
    return new CreateOptions(mode, Acl.OPEN, Duration.ZERO, Duration.ZERO);
  }

  /** Persistent, with a time to live. */
  public static CreateOptions timeToLive(Duration ttl) {
    return of(CreateMode.PERSISTENT_TTL).withTtl(ttl);
  }

  public CreateOptions withAcl(List<Acl> entries) {
    return new CreateOptions(mode, entries, ttl, expireAfter);
  }

  public CreateOptions withTtl(Duration timeToLive) {
    return new CreateOptions(mode, acl, timeToLive, expireAfter);
  }

  public CreateOptions withExpiry(Duration after) {
    return new CreateOptions(mode, acl, ttl, after);
  }

  /** Refuses what can't be carried out; a mode with a time to live wants one. */
  void requireComplete() {
    if (mode.hasTtl() && ttl.isZero()) {
      throw new IllegalArgumentException("mode " + mode + " needs a time to live");
    }
  }

  static Duration requireWithinLimits(Duration duration, String what) {
    if (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(DURATION_MAX) > 0) {
      throw new IllegalArgumentException(
          what + " must be in [1 ms, 2^40 - 1 ms], found " + duration);
    }
    return duration;
  }
}
