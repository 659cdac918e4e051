package io.quorate.samples.jobs;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.leader.LeaderLatch;
import io.quorate.recipes.leader.Participant;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Three nodes, one of which leads: one is asked to step down, then one is closed. */
public final class LeaderSample {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  public static void main(String... args) throws InterruptedException {
    try (SampleEnsemble ensemble = SampleEnsemble.of(args);
        QuorateClient one = ensemble.client("node-1");
        QuorateClient two = ensemble.client("node-2");
        QuorateClient three = ensemble.client("node-3")) {
      new LeaderSample(System.out::println).run(one, two, three);
    }
  }

  private final Consumer<String> out;
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  LeaderSample(Consumer<String> out) {
    this.out = out;
  }

  void run(QuorateClient one, QuorateClient two, QuorateClient three) throws InterruptedException {
    try (LeaderLatch first = start(one, "node-1");
        LeaderLatch second = start(two, "node-2");
        LeaderLatch third = start(three, "node-3")) {
      long epoch = epochOf(first);
      out.accept("queue     " + ids(third.participants().join()));

      second.depose().join(); // any of them may ask; whoever leads queues again
      hear("node-1 deposed");
      hear("node-2 elected");
      out.accept("epochs    grow: " + (epochOf(second) > epoch));

      second.close();
      hear("node-2 deposed");
      hear("node-3 elected");
      out.accept("queue     " + ids(first.participants().join()));
    }
  }

  private LeaderLatch start(QuorateClient client, String id) throws InterruptedException {
    LeaderLatch latch =
        Recipes.on(client)
            .leader("/leaders/report", id)
            .onElected(term -> told.add(id + " elected")) // here one's jobs are started,
            .onDeposed(term -> told.add(id + " deposed")) // and ended here: the title waits for it
            .start();
    if (id.equals("node-1")) {
      hear("node-1 elected");
    } else {
      awaitQueued(latch, id);
    }
    return latch;
  }

  /** So that the queue of this sample is always the same. */
  private static void awaitQueued(LeaderLatch latch, String id) throws InterruptedException {
    SampleEnsemble.until(id + " in the queue", () -> ids(latch.participants().join()).contains(id));
  }

  private void hear(String expected) throws InterruptedException {
    String heard = told.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    if (!expected.equals(heard)) {
      throw new IllegalStateException("expected '" + expected + "', heard '" + heard + "'");
    }
    out.accept("heard     " + heard);
  }

  private static long epochOf(LeaderLatch latch) throws InterruptedException {
    return latch.awaitElected(PATIENCE).epoch();
  }

  private static List<String> ids(List<Participant> participants) {
    return participants.stream().map(Participant::id).toList();
  }
}
