package io.quorate.server.transport.client.sniff;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.request.ClientInbox;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a node would get. Checks the life of each connection: opened, received, closed once. */
final class RecordingInbox implements ClientInbox {
  /** One call; the message is null for opened and closed. */
  record Event(
      String kind, ClientConnection connection, @Nullable ClientMessage message, int bytes) {}

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Map<Long, String> states = new ConcurrentHashMap<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();

  @Override
  public void opened(ClientConnection connection) {
    if (states.put(connection.id(), "open") != null) {
      violations.add("opened twice: " + connection);
    }
    events.add(new Event("opened", connection, null, 0));
  }

  @Override
  public void received(ClientConnection connection, ClientMessage message, int bytes) {
    if (!"open".equals(states.get(connection.id()))) {
      violations.add("received while not open: " + connection);
    }
    events.add(new Event("received", connection, message, bytes));
  }

  @Override
  public void closed(ClientConnection connection) {
    if (!"open".equals(states.put(connection.id(), "closed"))) {
      violations.add("closed while not open: " + connection);
    }
    events.add(new Event("closed", connection, null, 0));
  }

  Event next() {
    try {
      Event event = events.poll(20, TimeUnit.SECONDS);
      assertThat(event).as("next event of the inbox").isNotNull();
      return event;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  ClientConnection nextOpened() {
    Event event = next();
    assertThat(event.kind()).isEqualTo("opened");
    return event.connection();
  }

  ClientMessage nextMessage() {
    Event event = next();
    assertThat(event.kind()).isEqualTo("received");
    event.connection().taken(event.bytes());
    return event.message();
  }

  void expectClosed(ClientConnection connection) {
    Event event = next();
    assertThat(event.kind()).isEqualTo("closed");
    assertThat(event.connection()).isSameAs(connection);
  }

  int pending() {
    return events.size();
  }

  boolean isQuiet() {
    return events.isEmpty();
  }

  long open() {
    return states.values().stream().filter("open"::equals).count();
  }

  void assertLegal() {
    assertThat(violations).isEmpty();
  }
}
