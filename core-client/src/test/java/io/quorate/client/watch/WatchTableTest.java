package io.quorate.client.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WatchTableTest {
  private final WatchTable table = new WatchTable();

  private List<WatchNotice> fire(long id) {
    return table.fire(
        new ServerMessage.Events(
            9, List.of(new ServerMessage.Fired(id, WatchEvent.Type.NODE_DELETED, "/x"))));
  }

  private static WatchNotice event(Object listener, boolean last) {
    return WatchNotice.changed(
        listener, new WatchEvent(WatchEvent.Type.NODE_DELETED, "/x", 9), last);
  }

  @Test
  void oneShotWatch_firesOnce() {
    table.expect(1, "/x", "l");
    table.leave(1, WatchKind.DATA);
    assertThat(fire(1)).containsExactly(event("l", true));
    assertThat(fire(1)).isEmpty();
    assertThat(table.size()).isZero();
  }

  @Test
  void eventBeforeTheAnswerOfTheRead_isHeardAndTheAnswerChangesNothing() {
    table.expect(1, "/x", "l");
    assertThat(fire(1)).containsExactly(event("l", true));
    table.leave(1, WatchKind.DATA);
    assertThat(table.held()).isEmpty();
  }

  @Test
  void persistentWatch_firesUntilRemoved() {
    table.addPersistent(1, "/x", WatchKind.PERSISTENT, "l");
    assertThat(table.registered(1)).isNull();
    assertThat(fire(1)).containsExactly(event("l", false));
    assertThat(fire(1)).containsExactly(event("l", false));
    assertThat(table.remove(1)).isTrue();
    assertThat(table.remove(1)).isFalse();
    assertThat(fire(1)).isEmpty();
  }

  @Test
  void held_isWhatAServerHasAndNothingElse() {
    table.expect(1, "/expected", "l");
    table.expect(2, "/left", "l");
    table.leave(2, WatchKind.EXIST);
    table.addPersistent(3, "/asked", WatchKind.PERSISTENT, "l");
    table.addPersistent(4, "/had", WatchKind.PERSISTENT, "l");
    table.registered(4);
    assertThat(table.held())
        .containsExactly(
            new ClientMessage.Registration(2, "/left", WatchKind.EXIST),
            new ClientMessage.Registration(4, "/had", WatchKind.PERSISTENT));
  }

  @Test
  void resumed_resyncsPersistentWatchesThatAreStillThere() {
    table.addPersistent(1, "/a", WatchKind.PERSISTENT, "one");
    table.addPersistent(2, "/b", WatchKind.PERSISTENT, "two");
    table.registered(1);
    table.registered(2);
    table.expect(3, "/c", "three");
    table.leave(3, WatchKind.DATA);
    List<ClientMessage.Registration> held = table.held();
    table.remove(2);
    assertThat(table.resumed(held)).containsExactly(WatchNotice.resync("one", false));
  }

  @Test
  void endOfTheSession_endsOneShotWatchesAndMakesPersistentOnesResyncLater() {
    table.expect(1, "/expected", "one");
    table.expect(2, "/left", "two");
    table.leave(2, WatchKind.DATA);
    table.addPersistent(3, "/had", WatchKind.PERSISTENT, "three");
    table.registered(3);
    table.addPersistent(4, "/asked", WatchKind.PERSISTENT, "four");
    assertThat(table.sessionEnded()).containsExactly(WatchNotice.resync("two", true));
    assertThat(table.held()).isEmpty();
    assertThat(table.persistent())
        .extracting(ClientMessage.Registration::watchId)
        .containsExactly(3L, 4L);
    assertThat(table.sessionEnded()).isEmpty();
    assertThat(table.registered(3)).isEqualTo(WatchNotice.resync("three", false));
    assertThat(table.registered(4)).isNull();
    assertThat(table.registered(3)).isNull();
  }

  @Test
  void idUsedTwice_isRefused() {
    table.expect(1, "/a", "l");
    assertThatThrownBy(() -> table.addPersistent(1, "/b", WatchKind.PERSISTENT, "l"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found 1");
  }
}
