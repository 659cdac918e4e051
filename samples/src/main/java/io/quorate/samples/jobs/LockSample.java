package io.quorate.samples.jobs;

import io.quorate.client.GrantLostException;
import io.quorate.client.NodeExistsException;
import io.quorate.client.Op;
import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.AcquireTimeoutException;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.lock.DistributedLock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;

/** Two billing services and one invoice: who waits hears who holds it, who is late is refused. */
public final class LockSample {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BRIEF = Duration.ofMillis(300);
  private static final String INVOICE = "/invoice-7";

  public static void main(String... args) throws InterruptedException {
    try (SampleEnsemble ensemble = SampleEnsemble.of(args);
        QuorateClient a = ensemble.client("billing-A");
        QuorateClient b = ensemble.client("billing-B")) {
      new LockSample(System.out::println).run(a, b);
    }
  }

  private final Consumer<String> out;

  LockSample(Consumer<String> out) {
    this.out = out;
  }

  void run(QuorateClient a, QuorateClient b) throws InterruptedException {
    try {
      a.blocking().create(INVOICE, null);
    } catch (NodeExistsException e) {
      out.accept("found     " + INVOICE + " of an earlier run");
    }
    DistributedLock lockOfA = Recipes.on(a).lock("/locks/invoice-7");
    DistributedLock lockOfB = Recipes.on(b).lock("/locks/invoice-7");

    Grant first = lockOfA.acquire(PATIENCE);
    first.onLost(loss -> out.accept("lost      billing-A: " + loss));
    out.accept("granted   billing-A, safe for more than a second: " + isSafe(first));
    write(a, first, "A");
    try {
      lockOfB.acquire(BRIEF).close();
    } catch (AcquireTimeoutException e) {
      out.accept("waited    " + e.getMessage());
    }
    first.close(); // an end that one chose oneself is no loss

    try (Grant second = lockOfB.acquire(PATIENCE)) {
      out.accept(
          "granted   billing-B, token grew: " + (second.fencingToken() > first.fencingToken()));
      write(b, second, "B");
      write(a, first, "A, late");
    }
    byte[] data = a.blocking().get(INVOICE).data();
    out.accept("invoice   written by " + new String(data, StandardCharsets.UTF_8));
  }

  private static boolean isSafe(Grant grant) {
    return grant.safeUntil().remaining().compareTo(Duration.ofSeconds(1)) > 0;
  }

  /** In one transaction with the proof that the lock is still held. */
  private void write(QuorateClient client, Grant grant, String text) throws InterruptedException {
    byte[] data = text.getBytes(StandardCharsets.UTF_8);
    try {
      client.blocking().multi(grant.guard(), Op.set(INVOICE, data));
      out.accept("written   " + text);
    } catch (GrantLostException e) {
      out.accept("refused   " + text);
    }
  }
}
