package io.quorate.server.process;

import io.quorate.client.OutcomeUnknownException;
import io.quorate.client.QuorateClient;
import io.quorate.data.CreateMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One client under load: keeps a window of sequential creates that carry (client, number), and of
 * unversioned sets, in flight, and remembers what it was told of each.
 */
final class LoadClient {
  /** What is known of one write. */
  enum Told {
    NOTHING,
    ACKNOWLEDGED,
    REFUSED,
    UNKNOWN
  }

  static final String CREATES = "/creates";
  static final String SETS = "/sets";
  private static final int WINDOW = 64;
  private static final int SET_EVERY = 4;

  private final int id;
  private final QuorateClient client;
  private final Semaphore window = new Semaphore(WINDOW);
  private final Thread thread = new Thread(this::run, "load");
  private volatile boolean stop;

  // ---- under this object's monitor
  private Told[] creates = new Told[1024];
  private int sentCreates;
  private int sentSets;
  private int acknowledgedSets;
  private long acknowledged;
  private long lastAckNanos = System.nanoTime();
  private long longestGapNanos;

  LoadClient(int id, String servers) {
    this.id = id;
    client =
        QuorateClient.builder(servers)
            .clientName("load-" + id)
            .sessionTimeout(Duration.ofSeconds(10))
            .requestTimeout(Duration.ofSeconds(60))
            .build();
  }

  void start() {
    thread.start();
  }

  int id() {
    return id;
  }

  private void run() {
    byte[] data = new byte[100];
    Arrays.fill(data, (byte) 'x');
    for (int n = 0; !stop; n++) {
      window.acquireUninterruptibly();
      if (n % SET_EVERY == SET_EVERY - 1) {
        set(data);
      } else {
        create(data);
      }
    }
  }

  private void create(byte[] data) {
    int number = nextCreate();
    String path = String.format(Locale.ROOT, "%s/%d-%d-", CREATES, id, number);
    var unused =
        client
            .create(path, data, CreateMode.PERSISTENT_SEQUENTIAL)
            .whenComplete(
                (created, failure) -> {
                  told(number, failure == null ? Told.ACKNOWLEDGED : toldBy(failure));
                  window.release();
                });
  }

  private void set(byte[] data) {
    synchronized (this) {
      sentSets++;
    }
    var unused =
        client
            .set(setPath(), data)
            .whenComplete(
                (stat, failure) -> {
                  if (failure == null) {
                    setAcknowledged();
                  }
                  window.release();
                });
  }

  String setPath() {
    return SETS + "/" + id;
  }

  private static Told toldBy(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof OutcomeUnknownException ? Told.UNKNOWN : Told.REFUSED;
  }

  private synchronized int nextCreate() {
    if (sentCreates == creates.length) {
      creates = Arrays.copyOf(creates, sentCreates * 2);
    }
    creates[sentCreates] = Told.NOTHING;
    return sentCreates++;
  }

  private synchronized void told(int number, Told told) {
    creates[number] = told;
    if (told == Told.ACKNOWLEDGED) {
      noteAck();
    }
  }

  private synchronized void setAcknowledged() {
    acknowledgedSets++;
    noteAck();
  }

  private synchronized void noteAck() {
    long now = System.nanoTime();
    longestGapNanos = Math.max(longestGapNanos, now - lastAckNanos);
    lastAckNanos = now;
    acknowledged++;
  }

  /** Writes acknowledged so far. */
  synchronized long acknowledged() {
    return acknowledged;
  }

  /** Forgets the gaps seen so far. */
  synchronized void restartGap() {
    longestGapNanos = 0;
    lastAckNanos = System.nanoTime();
  }

  /** Longest time between two acknowledgements since the restart. */
  synchronized long longestGapMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestGapNanos);
  }

  synchronized Told[] creates() {
    return Arrays.copyOf(creates, sentCreates);
  }

  synchronized int sentSets() {
    return sentSets;
  }

  synchronized int acknowledgedSets() {
    return acknowledgedSets;
  }

  /** Stops sending and waits until every write has settled, one way or the other. */
  void settle() throws InterruptedException {
    stop = true;
    thread.join();
    if (!window.tryAcquire(WINDOW, 90, TimeUnit.SECONDS)) {
      throw new AssertionError("client " + id + " has writes that never settled");
    }
    client.close();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
