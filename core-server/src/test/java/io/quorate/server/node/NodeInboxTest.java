package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.transport.Await;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class NodeInboxTest {
  private final NodeInbox inbox = new NodeInbox();
  private final AtomicBoolean posted = new AtomicBoolean();

  /** A thread that posts for a client into a full inbox, and waits there. */
  private Thread clientAtFullInbox() {
    for (int i = 0; i < NodeInbox.EVENTS_MAX; i++) {
      inbox.postForClient(() -> {});
    }
    Thread client =
        new Thread(
            () -> {
              inbox.postForClient(() -> {});
              posted.set(true);
            });
    client.start();
    Await.until(
        "the client waits",
        () ->
            client.getState() == Thread.State.WAITING
                || client.getState() == Thread.State.TERMINATED);
    return client;
  }

  @Test
  void fullInbox_holdsClientsBackAndNobodyElse() throws InterruptedException {
    Thread client = clientAtFullInbox();
    assertThat(posted).isFalse();
    assertThat(inbox.length()).isEqualTo(NodeInbox.EVENTS_MAX);

    inbox.post(() -> {});
    assertThat(inbox.length()).isEqualTo(NodeInbox.EVENTS_MAX + 1);

    assertThat(inbox.take(new ArrayList<>(), 0)).hasSize(NodeInbox.EVENTS_MAX + 1);
    client.join(TimeUnit.SECONDS.toMillis(20));
    assertThat(posted).isTrue();
    assertThat(inbox.length()).isEqualTo(1);
  }

  @Test
  void closedInbox_letsWaitingClientsGo() throws InterruptedException {
    Thread client = clientAtFullInbox();

    inbox.close();

    client.join(TimeUnit.SECONDS.toMillis(20));
    assertThat(posted).isTrue();
    assertThat(inbox.length()).isEqualTo(NodeInbox.EVENTS_MAX);
  }
}
