package io.quorate.samples.tour;

import io.quorate.client.GrantLostException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.client.QuorateException;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.lock.DistributedLock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What an application with a lock looks like: takes it, works, gives it back, and again.
 *
 * <p>Its work is a write to a store outside, with the token, and a write in Quorate, guarded by the
 * grant. On purpose it does not ask before a write whether the lock is still held: a process can be
 * stopped between asking and writing, so asking protects nothing. Prints a line for each thing that
 * happens; obeys {@code HOLD} (keep the lock once granted) and {@code GO} from standard input, and
 * ends with it.
 */
final class BillingService {
  private static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration SHORT_HOLD = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration LOSS_PATIENCE = Duration.ofSeconds(5);
  private static final long GAP_REPORTED_MILLIS = 30;
  private static final String INVOICE = "/invoice-7";

  private final String name;
  private final QuorateClient client;
  private final DistributedLock lock;
  private final FencedStore.Client store;
  private volatile boolean hold;

  BillingService(String name, QuorateClient client, String lockPath, int storePort) {
    this.name = name;
    this.client = client;
    this.lock = Recipes.on(client).lock(lockPath);
    this.store = new FencedStore.Client(storePort);
  }

  private static void say(String line) {
    System.out.println(line);
  }

  /** {@code HOLD} keeps the lock once it is granted; anything else lets it go again. */
  void obey(String order) {
    hold = order.equals("HOLD");
  }

  /** Works for ever. */
  void work() throws InterruptedException {
    try {
      client.blocking().create(INVOICE, "0".getBytes(StandardCharsets.UTF_8));
    } catch (NodeExistsException e) {
      say("READY " + name + " found the invoice");
    }
    while (true) {
      try (Grant grant = lock.acquire(ACQUIRE_TIMEOUT)) {
        say("GRANT " + grant.fencingToken() + " " + grant.safeUntil().remaining().toMillis());
        CountDownLatch lost = new CountDownLatch(1);
        grant.onLost(
            loss -> {
              say("LOST " + grant.fencingToken() + " " + loss.cause());
              lost.countDown();
            });
        if (!workWith(grant) && !lost.await(LOSS_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          say("ERROR a write was refused, but the grant was not lost");
        }
      } catch (AcquireTimeoutException e) {
        say("WAITED " + e.getMessage());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Whether every write was taken. */
  private boolean workWith(Grant grant) throws InterruptedException {
    long grantedNanos = System.nanoTime();
    long lastWriteNanos = grantedNanos;
    long count = 0;
    while (hold || System.nanoTime() - grantedNanos < SHORT_HOLD.toNanos()) {
      LockSupport.parkNanos(PAUSE.toNanos());
      count++;
      if (!writeOutside(grant, count) || !writeInside(grant, count)) {
        return false;
      }
      long now = System.nanoTime();
      long gapMillis = Duration.ofNanos(now - lastWriteNanos).toMillis();
      lastWriteNanos = now;
      if (gapMillis >= GAP_REPORTED_MILLIS) {
        say("GAP " + grant.fencingToken() + " " + gapMillis);
      }
    }
    say("RELEASED " + grant.fencingToken() + " " + count);
    return true;
  }

  /** The store outside can be protected by nothing but the token. */
  private boolean writeOutside(Grant grant, long count) {
    if (store.write(grant.fencingToken(), name, "invoice-7#" + count)) {
      return true;
    }
    say("REFUSED " + grant.fencingToken());
    return false;
  }

  /** Inside Quorate the write and the check that the grant is held are one operation. */
  private boolean writeInside(Grant grant, long count) throws InterruptedException {
    byte[] value = (name + " " + count).getBytes(StandardCharsets.UTF_8);
    try {
      client.blocking().multi(grant.guard(), Op.set(INVOICE, value));
      return true;
    } catch (GrantLostException e) {
      say("GUARDED " + grant.fencingToken());
    } catch (QuorateException e) {
      say(
          "FAILED "
              + grant.fencingToken()
              + " "
              + e.getClass().getSimpleName()
              + " "
              + e.getMessage());
    }
    // A careless application: it has something left to write, and writes it, whatever the failure
    // above meant.
    writeOutside(grant, count);
    return false;
  }
}
