package io.quorate.server.cli;

import io.quorate.client.BlockingClient;
import io.quorate.client.Created;
import io.quorate.client.CzxidMismatchException;
import io.quorate.client.GrantLostException;
import io.quorate.client.NoNodeException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.client.SessionLostException;
import io.quorate.client.Watch;
import io.quorate.client.Znode;
import io.quorate.client.ZnodeEvent;
import io.quorate.data.CreateMode;
import io.quorate.data.ZnodePath;
import io.quorate.data.ZnodeStat;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The lock of the recipes, as its znodes have it, with nothing but the client: an ephemeral
 * sequential {@code lock-} below the path, the first of which holds it. The recipes' module builds
 * on this one, so that a command can't use it; a test there holds both together. Whoever waits
 * polls its place and is woken by watches; a marker {@code held} of a lock-delay is waited for as
 * well.
 *
 * <p>For one thread at a time; {@link #lost} may be called by any.
 */
final class QueuedLock {
  private static final String PREFIX = "lock-";
  private static final String MARKER = "held";

  /** As servers write numbers: ten digits, or a negative number of ten characters or more. */
  private static final Pattern NAME = Pattern.compile("lock-(\\d{10}|-\\d{9,10})");

  /** A look at the queue that no event asked for. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** Longer than a session lives without contact: each write settles. */
  private static final Duration PATIENCE = Duration.ofDays(1);

  private final QuorateClient client;
  private final BlockingClient patient;
  private final String path;
  private final Semaphore changes = new Semaphore(0);
  private volatile @Nullable String place;
  private volatile long czxid;
  private volatile long sessionId;
  private volatile boolean deleted;

  /** Somebody deleted the place in the queue. */
  private static final class PlaceLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  QueuedLock(QuorateClient client, String path) {
    this.client = client;
    this.patient = client.withRequestTimeout(PATIENCE).blocking();
    this.path = path;
  }

  /**
   * Waits for the lock.
   *
   * @param deadlineNanos of {@link System#nanoTime}
   * @param stopped tells whether to give up, asked about once a second
   * @return whether it is held; otherwise the time is over or it was stopped, and nothing is left
   */
  boolean acquire(long deadlineNanos, StopSignal stopped) throws InterruptedException {
    boolean held = false;
    try {
      while (!held && !stopped.isRequested() && deadlineNanos - System.nanoTime() > 0) {
        held = tryInOneSession(deadlineNanos, stopped);
      }
    } finally {
      if (!held) {
        release();
      }
    }
    return held;
  }

  private boolean tryInOneSession(long deadlineNanos, StopSignal stopped)
      throws InterruptedException {
    try {
      enqueue();
      while (!stopped.isRequested()) {
        Optional<String> obstacle = obstacle();
        if (obstacle.isEmpty()) {
          return !deleted && client.sessionId() == sessionId && !client.safeUntil().hasPassed();
        }
        long left = deadlineNanos - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        awaitChange(obstacle.get(), Math.min(left, LOOK_AGAIN.toNanos()));
      }
      return false;
    } catch (SessionLostException
        | OutcomeUnknownException
        | GrantLostException
        | NoNodeException
        | PlaceLost e) {
      // The place went with its session, or by another's hand: queue again.
      place = null;
      return false;
    }
  }

  private void enqueue() throws InterruptedException {
    byte[] name = client.clientName().getBytes(StandardCharsets.UTF_8);
    String prefix = ZnodePath.child(path, PREFIX);
    while (true) {
      try {
        deleted = false;
        Created created = patient.create(prefix, name, CreateMode.EPHEMERAL_SEQUENTIAL);
        place = created.path();
        czxid = created.stat().czxid();
        sessionId = created.stat().ephemeralOwner();
        return;
      } catch (NoNodeException e) {
        createDirectory();
      }
    }
  }

  private void createDirectory() throws InterruptedException {
    List<String> missing = new ArrayList<>();
    for (String at = path; !at.equals(ZnodePath.ROOT); at = ZnodePath.parent(at)) {
      missing.add(0, at);
    }
    for (String each : missing) {
      try {
        patient.create(each, new byte[0]);
      } catch (NodeExistsException e) {
        continue;
      }
    }
  }

  /** The znode that has to go first; none if the lock is held. */
  private Optional<String> obstacle() throws InterruptedException {
    List<String> names = patient.children(path).names();
    String own = ZnodePath.name(String.valueOf(place));
    if (!names.contains(own)) {
      throw new PlaceLost();
    }
    int ownNumber = number(own).orElseThrow();
    String nearest = null;
    int nearestNumber = 0;
    for (String name : names) {
      Optional<Integer> number = number(name);
      // Numbers wrap around: the difference tells which is before.
      if (number.isPresent()
          && number.get() - ownNumber < 0
          && (nearest == null || nearestNumber - number.get() < 0)) {
        nearest = name;
        nearestNumber = number.get();
      }
    }
    if (nearest != null) {
      return Optional.of(ZnodePath.child(path, nearest));
    }
    return names.contains(MARKER) ? Optional.of(startDelay()) : Optional.empty();
  }

  /** The holder before died: gives its marker an end, unless it has one. */
  private String startDelay() throws InterruptedException {
    String marker = ZnodePath.child(path, MARKER);
    try {
      Znode znode = patient.get(marker);
      if (znode.stat().expiresAtMillis() == 0) {
        byte[] data = znode.data();
        String text = data == null ? "" : new String(data, StandardCharsets.UTF_8);
        Duration delay = delay(text.substring(text.indexOf(' ') + 1));
        patient.multi(
            guard(), Op.checkCzxid(marker, znode.stat().czxid()), Op.setExpiry(marker, delay));
      }
    } catch (NoNodeException | CzxidMismatchException e) {
      // It went meanwhile: the next look finds out.
      return marker;
    }
    return marker;
  }

  private static Duration delay(String millis) {
    try {
      return Duration.ofMillis(
          Math.min(Math.max(1, Long.parseLong(millis)), Duration.ofDays(365).toMillis()));
    } catch (NumberFormatException e) {
      return Duration.ofMillis(1);
    }
  }

  private void awaitChange(String znode, long nanos) throws InterruptedException {
    changes.drainPermits();
    try (Watch watch = client.watch(znode, event -> changes.release())) {
      if (patient.exists(znode).isPresent()) {
        // Woken or not: the queue is looked at again.
        boolean ignored = changes.tryAcquire(nanos, TimeUnit.NANOSECONDS);
      }
    }
  }

  private static Optional<Integer> number(String name) {
    Matcher matcher = NAME.matcher(name);
    try {
      return matcher.matches() ? Optional.of(Integer.parseInt(matcher.group(1))) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Says when somebody deletes the znode that holds the lock. */
  Watch watchOwn(Runnable changed) throws InterruptedException {
    Watch watch =
        client.watch(
            String.valueOf(place),
            event -> {
              if (event.type() == ZnodeEvent.Type.DELETED) {
                deleted = true;
                changed.run();
              }
            });
    Optional<ZnodeStat> stat = patient.exists(String.valueOf(place));
    if (stat.isEmpty() || stat.get().czxid() != czxid) {
      deleted = true;
    }
    return watch;
  }

  /** Whether the lock is not held any more, or may not be. */
  boolean lost() {
    return deleted || client.sessionId() != sessionId || client.safeUntil().hasPassed();
  }

  long token() {
    return czxid;
  }

  private Op guard() {
    return Op.guard(String.valueOf(place), czxid);
  }

  /** Gives it back, if it is still there; waits no longer than a request of the client may take. */
  void release() throws InterruptedException {
    String own = place;
    place = null;
    if (own == null || client.sessionId() != sessionId) {
      return;
    }
    try {
      client.blocking().multi(Op.checkCzxid(own, czxid), Op.delete(own));
    } catch (QuorateException e) {
      // Gone already; or no server answers, and closing the client ends the session with it.
      return;
    }
  }
}
