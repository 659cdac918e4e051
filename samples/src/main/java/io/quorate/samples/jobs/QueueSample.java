package io.quorate.samples.jobs;

import io.quorate.client.QuorateClient;
import io.quorate.recipes.Recipes;
import io.quorate.recipes.base.Json;
import io.quorate.recipes.queue.Consumption;
import io.quorate.recipes.queue.DeadLetter;
import io.quorate.recipes.queue.PutOptions;
import io.quorate.recipes.queue.QueueOptions;
import io.quorate.recipes.queue.WorkQueue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Mails to be sent: in order, the urgent one first, and one that can't be sent at all. */
public final class QueueSample {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final QueueOptions OPTIONS =
      QueueOptions.visibility(Duration.ofSeconds(5)).maxAttempts(2);

  /** What is queued, as JSON. */
  public record Mail(String to) {}

  public static void main(String... args) throws InterruptedException {
    try (SampleEnsemble ensemble = SampleEnsemble.of(args);
        QuorateClient shop = ensemble.client("shop");
        QuorateClient mailer = ensemble.client("mailer")) {
      new QueueSample(System.out::println).run(shop, mailer);
    }
  }

  private final Consumer<String> out;
  private final BlockingQueue<String> handled = new LinkedBlockingQueue<>();

  QueueSample(Consumer<String> out) {
    this.out = out;
  }

  void run(QuorateClient shop, QuorateClient mailer) throws InterruptedException {
    WorkQueue<Mail> producer = open(shop);
    producer.putAll(List.of(new Mail("ann"), new Mail("nobody"), new Mail("bob"))).join();
    producer.put(new Mail("carol"), PutOptions.DEFAULT.priority(9)).join();
    out.accept("put       " + producer.sizes().join().ready() + " mails");

    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Consumption consumption =
        open(mailer)
            .consume(1, executor, item -> send(item.value(), item.attempt()))) { // return = ack
      for (int i = 0; i < 5; i++) {
        out.accept("handled   " + handled.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
      }
      out.accept("dead      " + awaitDeadLetter(producer).reason());
    } finally {
      executor.shutdown();
    }
    DeadLetter dead = awaitDeadLetter(producer);
    producer.deleteDeadLetter(dead.id()).join();
    out.accept("left      " + producer.sizes().join());
  }

  private static WorkQueue<Mail> open(QuorateClient client) {
    return Recipes.on(client).queue("/queues/mail", Json.of(Mail.class), OPTIONS);
  }

  /** Throwing means: not done. It comes again after a pause, and is a dead letter in the end. */
  private void send(Mail mail, int attempt) {
    handled.add(mail.to() + ", attempt " + attempt);
    if (mail.to().equals("nobody")) {
      throw new IllegalArgumentException("there is nobody of that name");
    }
  }

  private static DeadLetter awaitDeadLetter(WorkQueue<Mail> queue) throws InterruptedException {
    SampleEnsemble.until("a dead letter", () -> !queue.deadLetters().join().isEmpty());
    return queue.deadLetters().join().get(0);
  }
}
