package io.quorate.recipes.lock;

import io.quorate.client.MultiResult;
import io.quorate.client.Op;
import io.quorate.client.Znode;
import io.quorate.data.ZnodePath;
import io.quorate.data.Zxid;
import io.quorate.recipes.base.Place;
import io.quorate.recipes.base.QueueAttempt.Own;
import io.quorate.recipes.base.QueuePolicy;
import io.quorate.recipes.base.Standing;
import io.quorate.recipes.base.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lock-delay: a persistent znode {@code held} in the lock's directory that says whose grant it is
 * and how long to wait after it. A release deletes it with the grant's znode; so the first in the
 * queue that finds the marker of another knows that the holder ended without a release. It then
 * gives the marker an expiry, unless an earlier first one has, and waits until the ensemble deletes
 * it: by log time, whoever dies meanwhile.
 */
final class HeldMarker {
  static final String NAME = "held";

  private final String directory;
  private final String path;
  private final Duration delay;

  HeldMarker(String directory, Duration delay) {
    this.directory = directory;
    this.path = ZnodePath.child(directory, NAME);
    this.delay = delay;
  }

  /** First in the queue, and no marker of another; a marker is set with the grant. */
  QueuePolicy policy() {
    return this::look;
  }

  private Verdict look(Standing standing, Own own, @Nullable Znode marker) {
    Place before = standing.predecessor();
    if (before != null) {
      return Verdict.waitForEnd(directory, before, delay.isZero() && standing.index() == 1);
    }
    if (!standing.others().contains(NAME)) {
      return delay.isZero()
          ? Verdict.GRANTED
          : new Verdict.Granted(List.of(Op.create(path, data(own))));
    }
    if (marker == null) {
      return new Verdict.Read(path);
    }
    if (marker.stat().expiresAtMillis() != 0) {
      return new Verdict.Wait(path, false, true);
    }
    return new Verdict.Act(
        List.of(Op.checkCzxid(path, marker.stat().czxid()), Op.setExpiry(path, delayOf(marker))));
  }

  /** What a release does besides, for a grant that was made by {@code result}. */
  List<Op> atRelease(@Nullable MultiResult result) {
    if (delay.isZero() || result == null) {
      return List.of();
    }
    // Created after the guard, so at index 1.
    return List.of(Op.checkCzxid(path, result.stat(1).czxid()), Op.delete(path));
  }

  private byte[] data(Own own) {
    return (Zxid.format(own.czxid()) + " " + delay.toMillis()).getBytes(StandardCharsets.UTF_8);
  }

  /** The delay that the grant that ended asked for; one's own if that can't be read. */
  private Duration delayOf(Znode marker) {
    byte[] data = marker.data();
    String text = data == null ? "" : new String(data, StandardCharsets.UTF_8);
    String millis = text.substring(text.indexOf(' ') + 1);
    try {
      long parsed = Long.parseLong(millis);
      return Duration.ofMillis(Math.min(Math.max(1, parsed), Duration.ofDays(365).toMillis()));
    } catch (NumberFormatException e) {
      return delay.isZero() ? Duration.ofMillis(1) : delay;
    }
  }
}
