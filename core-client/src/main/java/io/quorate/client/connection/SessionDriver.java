package io.quorate.client.connection;

import io.netty.util.concurrent.ScheduledFuture;
import io.quorate.client.session.SessionConfig;
import io.quorate.client.session.SessionInput;
import io.quorate.client.session.SessionMachine;
import io.quorate.client.session.SessionOutput;
import io.quorate.protocol.message.ServerMessage;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link SessionMachine} on an I/O thread of its own. Inputs may come from any thread and
 * are taken in batches: one wake-up, one flush and one hand-over of callbacks for all that came
 * meanwhile.
 */
public final class SessionDriver {
  /** Inputs that are taken before what they caused is sent. */
  private static final int BATCH_MAX = 1024;

  /** What the machine puts out, other than for the network. I/O thread. */
  public interface Sink {
    /** Before the outputs of a step: until when the session can be relied upon from now on. */
    void safeUntil(long nanos);

    void output(SessionOutput output);

    /** Whether more may be read from the server; asked after each batch. */
    boolean wantsMore();

    /** A batch is complete: hand it over. */
    void batchEnded();
  }

  private final LongSupplier clock;
  private final SessionMachine machine;
  private final Sink sink;
  private final ClientIo io;
  private final Queue<SessionInput> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean wakeUpDue = new AtomicBoolean();

  // Confined to the I/O thread.
  private ClientIo.@Nullable Attempt attempt;
  private @Nullable FrameHandler frames;
  private boolean unflushed;
  private @Nullable ScheduledFuture<?> tick;
  private long tickAtNanos = Long.MAX_VALUE;

  /**
   * @param clock monotonic nanoseconds, starting near 0
   */
  public SessionDriver(
      SessionConfig config, LongSupplier clock, LongSupplier random, Sink sink, String name) {
    this.clock = clock;
    this.machine = new SessionMachine(config, random);
    this.sink = sink;
    this.io = new ClientIo(name);
  }

  /** Begins to connect. */
  public void start() {
    submit(new SessionInput.Tick());
  }

  /** Hands an input to the machine; whether the I/O thread is still there to take it. */
  public boolean submit(SessionInput input) {
    inbox.add(input);
    if (wakeUpDue.compareAndSet(false, true)) {
      try {
        io.loop().execute(this::drain);
      } catch (RejectedExecutionException e) {
        return false;
      }
    }
    return !io.loop().isShuttingDown();
  }

  private void drain() {
    wakeUpDue.set(false);
    for (int i = 0; i < BATCH_MAX; i++) {
      SessionInput input = inbox.poll();
      if (input == null) {
        break;
      }
      step(input);
    }
    endBatch();
    if (!inbox.isEmpty() && wakeUpDue.compareAndSet(false, true)) {
      io.loop().execute(this::drain);
    }
  }

  private void step(SessionInput input) {
    long now = clock.getAsLong();
    var outputs = machine.step(input, now);
    sink.safeUntil(machine.safeUntilNanos());
    for (SessionOutput output : outputs) {
      if (output instanceof SessionOutput.Send send) {
        FrameHandler to = frames;
        if (to != null) {
          to.write(send.message());
          unflushed = true;
        }
      } else if (output instanceof SessionOutput.Connect connect) {
        connect(connect);
      } else if (output instanceof SessionOutput.Disconnect) {
        disconnect();
      } else {
        sink.output(output);
      }
    }
  }

  private void endBatch() {
    FrameHandler to = frames;
    if (unflushed && to != null) {
      to.flush();
    }
    unflushed = false;
    sink.batchEnded();
    readIfWanted();
    scheduleTick();
  }

  /**
   * Reads from the connection, or does not, as the sink wants it: to be called when that may have
   * changed. I/O thread.
   */
  public void readIfWanted() {
    FrameHandler from = frames;
    if (from != null) {
      from.read(sink.wantsMore());
    }
  }

  /** An earlier tick than needed does no harm, so a timer is replaced only by an earlier one. */
  private void scheduleTick() {
    long next = machine.nextTickNanos();
    if (next >= tickAtNanos || io.loop().isShuttingDown()) {
      return;
    }
    ScheduledFuture<?> before = tick;
    if (before != null) {
      before.cancel(false);
    }
    tickAtNanos = next;
    long delay = Math.max(0, next - clock.getAsLong());
    tick =
        io.loop()
            .schedule(
                () -> {
                  tickAtNanos = Long.MAX_VALUE;
                  step(new SessionInput.Tick());
                  endBatch();
                },
                delay,
                TimeUnit.NANOSECONDS);
  }

  private void connect(SessionOutput.Connect connect) {
    long connection = connect.connection();
    FrameHandler.Initializer initializer = new FrameHandler.Initializer(new Connection(connection));
    frames = initializer.handler();
    attempt =
        io.connect(
            ServerAddress.parse(connect.server()),
            initializer,
            cause -> {
              step(new SessionInput.Disconnected(connection, cause));
              endBatch();
            });
  }

  private void disconnect() {
    ClientIo.Attempt open = attempt;
    FrameHandler to = frames;
    frames = null;
    attempt = null;
    if (open != null) {
      if (to != null) {
        to.flush();
      }
      open.cancel();
    }
  }

  /** Hears of one connection. */
  private final class Connection implements FrameHandler.Events {
    private final long number;

    Connection(long number) {
      this.number = number;
    }

    @Override
    public void up() {
      step(new SessionInput.Connected(number));
      endBatch();
    }

    @Override
    public void received(ServerMessage message) {
      step(new SessionInput.Received(number, message));
    }

    @Override
    public void idle() {
      endBatch();
    }

    @Override
    public void down(String cause) {
      step(new SessionInput.Disconnected(number, cause));
    }
  }

  // ---- for the facade ---------------------------------------------------------------------------

  /** Runs a short task on the I/O thread after a delay; never, if that has ended. */
  public Runnable schedule(Duration delay, Runnable task) {
    try {
      ScheduledFuture<?> scheduled = io.loop().schedule(task, nanos(delay), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  /**
   * Makes the I/O thread stand still until {@code thaw}; returns when it does, or false after
   * {@code patience}.
   */
  public boolean freeze(CountDownLatch thaw, Duration patience) throws InterruptedException {
    CountDownLatch frozen = new CountDownLatch(1);
    io.loop()
        .execute(
            () -> {
              frozen.countDown();
              awaitUninterruptibly(thaw);
            });
    return frozen.await(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the caller is the I/O thread. */
  public boolean onIoThread() {
    return io.loop().inEventLoop();
  }

  /** Ends the I/O thread, when the machine has closed. */
  public void shutDown() {
    io.shutDown();
  }

  /** So long that nobody waits for it, where nanoseconds would overflow. */
  private static long nanos(Duration delay) {
    Duration longest = Duration.ofDays(36_500);
    return delay.compareTo(longest) > 0 ? longest.toNanos() : Math.max(0, delay.toNanos());
  }
}
