package io.quorate.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.watch.WatchNotice;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.Framing;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a resumption consists of, and what is left of it afterwards. */
final class SessionWatchesTest {
  private final SessionWatches watches = new SessionWatches();

  /** So many watches of paths with so many characters, each of three bytes in a message. */
  private void hold(int count, int chars) {
    for (long id = 1; id <= count; id++) {
      String name = Long.toString(id);
      String path = "/" + "木".repeat(chars - 1 - name.length()) + name;
      watches.table.addPersistent(id, path, WatchKind.PERSISTENT, "listener " + id);
      watches.table.registered(id);
    }
  }

  private List<WatchNotice> fire(long zxid, long watchId) {
    return watches.fired(
        new ServerMessage.Events(
            zxid,
            List.of(new ServerMessage.Fired(watchId, WatchEvent.Type.NODE_DATA_CHANGED, "/path"))));
  }

  @ParameterizedTest
  @CsvSource({
    "    1,   10,  1",
    " 1024,   10,  1", // a message holds so many
    " 1025,   10,  2",
    "10000,   10, 10",
    "  256, 1024,  1", // a quarter of a million characters, not yet more than that
    "  258, 1024,  2",
    " 2570, 1024, 10", // each message counts its own characters only
  })
  void resumption_comesInMessagesThatFitIntoAFrame(int count, int chars, int messages) {
    hold(count, chars);

    List<List<ClientMessage.Registration>> chunks = watches.toResume(7);

    assertThat(chunks).hasSize(messages);
    List<Long> ids = new ArrayList<>();
    for (List<ClientMessage.Registration> chunk : chunks) {
      chunk.forEach(watch -> ids.add(watch.watchId()));
      assertThat(chunk).hasSizeLessThanOrEqualTo(Framing.RESUMED_WATCHES_MAX);
      assertThat(NativeCodec.encode(new ClientMessage.ResumeWatches(1, 7, chunk)).length)
          .isLessThanOrEqualTo(Framing.BODY_BYTES_MAX);
    }
    assertThat(ids).containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
  }

  @Test
  void watchesWhoseEventsWereDropped_hearAgainAfterTheResumption() {
    hold(2, 10);
    watches.connectionUp(10);
    List<ClientMessage.Registration> chunk = watches.toResume(5).get(0);
    for (int i = 0; i <= SessionWatches.HELD_BACK_FIRED_MAX; i++) {
      assertThat(fire(6, 1)).isEmpty();
    }
    assertThat(watches.resumed(chunk, null, false))
        .containsExactly(WatchNotice.resync("listener 1", false));

    assertThat(fire(11, 1)).hasSize(1);
    watches.connectionLost();
    watches.connectionUp(20);
    List<ClientMessage.Registration> again = watches.toResume(11).get(0);
    assertThat(fire(12, 1)).isEmpty();
    assertThat(watches.resumed(again, null, false))
        .as("held back, not dropped, and no resync for what was dropped earlier")
        .containsExactly(
            WatchNotice.changed(
                "listener 1",
                new WatchEvent(WatchEvent.Type.NODE_DATA_CHANGED, "/path", 12),
                false));
  }

  @Test
  void watchesThatMissedChanges_areToldOnceAndNotAfterTheNextResumption() {
    hold(2, 10);
    watches.connectionUp(10);
    List<ClientMessage.Registration> chunk = watches.toResume(5).get(0);
    assertThat(watches.resumed(chunk, null, true)).hasSize(2);

    watches.connectionLost();
    watches.connectionUp(20);
    assertThat(watches.resumed(watches.toResume(15).get(0), null, false)).isEmpty();
  }

  @Test
  void whatAConnectionHeldBackOrMissed_isForgottenWithIt() {
    hold(1_025, 10);
    watches.connectionUp(10);
    List<List<ClientMessage.Registration>> chunks = watches.toResume(5);
    assertThat(fire(6, 1)).isEmpty();
    for (int i = 0; i <= SessionWatches.HELD_BACK_FIRED_MAX; i++) {
      assertThat(fire(7, 2)).isEmpty();
    }
    assertThat(watches.resumed(chunks.get(0), null, true)).isEmpty();

    watches.connectionLost();
    assertThat(watches.isResuming()).isFalse();
    watches.connectionUp(20);
    List<List<ClientMessage.Registration>> again = watches.toResume(5);
    assertThat(watches.resumed(again.get(0), null, false)).isEmpty();
    assertThat(watches.resumed(again.get(1), null, false)).isEmpty();
    assertThat(fire(21, 2)).hasSize(1);
  }
}
