package io.quorate.client.connection;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks one server for its status, on a connection and an I/O thread of its own, and is gone. */
public final class StatusExchange {
  private static final long XID = 1;

  private final ClientIo io = new ClientIo("quorate-status");
  private final Consumer<ServerMessage.Status> answer;
  private final Consumer<String> failure;
  private boolean over;

  private StatusExchange(Consumer<ServerMessage.Status> answer, Consumer<String> failure) {
    this.answer = answer;
    this.failure = failure;
  }

  /**
   * Calls one of the consumers, once, on a thread of its own: with the status, or with the cause
   * for people.
   */
  public static void ask(
      ServerAddress server,
      Duration timeout,
      Consumer<ServerMessage.Status> answer,
      Consumer<String> failure) {
    StatusExchange exchange = new StatusExchange(answer, failure);
    exchange.io.loop().execute(() -> exchange.begin(server, timeout));
  }

  private void begin(ServerAddress server, Duration timeout) {
    Exchange events = new Exchange();
    FrameHandler.Initializer initializer = new FrameHandler.Initializer(events);
    events.frames.complete(initializer.handler());
    ClientIo.Attempt attempt = io.connect(server, initializer, this::fail);
    var unused =
        io.loop()
            .schedule(
                () -> {
                  fail("no answer within " + timeout.toMillis() + " ms");
                  attempt.cancel();
                },
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
  }

  private void fail(String cause) {
    if (!over) {
      over = true;
      failure.accept(cause);
      io.shutDown();
    }
  }

  private final class Exchange implements FrameHandler.Events {
    /** Complete before the connection is up. */
    final CompletableFuture<FrameHandler> frames = new CompletableFuture<>();

    @Override
    public void up() {
      frames.join().write(new ClientMessage.StatusQuery(XID));
      frames.join().flush();
    }

    @Override
    public void received(ServerMessage message) {
      if (message instanceof ServerMessage.Status status && !over) {
        over = true;
        answer.accept(status);
        io.shutDown();
      } else if (message instanceof ServerMessage.Refused refused) {
        fail(refused.code() + ": " + refused.reason());
      } else {
        fail("answered by " + message.getClass().getSimpleName());
      }
    }

    @Override
    public void idle() {
      // Nothing is kept back.
    }

    @Override
    public void down(String cause) {
      fail(cause);
    }
  }
}
