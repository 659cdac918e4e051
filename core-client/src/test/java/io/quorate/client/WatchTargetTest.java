package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.watch.WatchNotice;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the owner of a watch is told of each notice. */
final class WatchTargetTest {
  private static final OpResult.Failure TOO_MANY =
      new OpResult.Failure(ErrorCode.TOO_MANY_WATCHES, 0, 100_000, 100_007);

  private final List<ZnodeEvent> heard = new ArrayList<>();
  private final List<QuorateException> ends = new ArrayList<>();
  private final WatchTarget target =
      new WatchTarget(
          new Paths("/app"), "/a", heard::add, CompletableFuture.completedFuture(null), () -> {});

  @Test
  void refusal_endsTheWatchOnceWithLimitAndCountAndIsNoResync() {
    target.onEnd(ends::add);
    target.tell(WatchNotice.refused(target, TOO_MANY));
    target.tell(WatchNotice.refused(target, TOO_MANY));
    assertThat(heard).isEmpty();
    assertThat(ends)
        .singleElement()
        .isInstanceOfSatisfying(
            TooManyWatchesException.class,
            end -> {
              assertThat(end.limit()).isEqualTo(100_000);
              assertThat(end.found()).isEqualTo(100_007);
              assertThat(end).hasMessageContainingAll("/a", "100000", "100007");
            });
  }

  @Test
  void actionThatComesAfterTheEnd_isCalledAtOnce() {
    target.tell(WatchNotice.refused(target, TOO_MANY));
    target.onEnd(ends::add);
    assertThat(ends).hasSize(1);
  }

  @Test
  void closedWatch_tellsNothing() {
    target.onEnd(ends::add);
    target.close();
    target.tell(WatchNotice.refused(target, TOO_MANY));
    target.tell(WatchNotice.resync(target, false));
    assertThat(heard).isEmpty();
    assertThat(ends).isEmpty();
  }

  @Test
  void changesAndResyncs_comeToTheListenerOrToTheirAction() {
    WatchEvent change = new WatchEvent(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/app/a/b", 7);
    target.tell(WatchNotice.changed(target, change, false));
    target.tell(WatchNotice.resync(target, false));
    List<String> resyncs = new ArrayList<>();
    target.onResync(() -> resyncs.add("resync"));
    target.tell(WatchNotice.resync(target, false));
    assertThat(heard)
        .containsExactly(
            new ZnodeEvent(ZnodeEvent.Type.CHILDREN_CHANGED, "/a/b", 7),
            new ZnodeEvent(ZnodeEvent.Type.RESYNC, "/a", 0));
    assertThat(resyncs).containsExactly("resync");
  }
}
