package io.quorate.server.watch;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What watches that come from another connection would have heard here since they were left behind:
 * the changes of the history fire them as if they had been held all the time. So one-shot watches
 * fire at the first change that their client may READ, by the znode's list as of that change, and
 * are gone; lasting ones fire at all such.
 *
 * @param missed entry by entry, in zxid order
 * @param left the watches that are to be held now, in the order given
 */
public record WatchReplay(
    List<ServerMessage.Events> missed, List<ClientMessage.Registration> left) {
  /**
   * Firings of one replay. More would neither fit the connection's outbound limit nor help anybody:
   * who missed so much reads anew.
   */
  static final int FIRINGS_MAX = 16_384;

  public WatchReplay {
    missed = List.copyOf(missed);
    left = List.copyOf(left);
  }

  /**
   * Replays what happened after {@code sinceZxid}.
   *
   * @return null if the history does not reach back, or if too much was missed
   */
  public static @Nullable WatchReplay of(
      ChangeHistory history,
      long sinceZxid,
      long connectionId,
      List<ClientMessage.Registration> watches,
      ReadFilter filter) {
    if (!history.reachesBackTo(sinceZxid)) {
      return null;
    }
    WatchRegistry registry = new WatchRegistry(Integer.MAX_VALUE, filter);
    for (ClientMessage.Registration watch : watches) {
      registry.add(connectionId, watch.watchId(), watch.path(), watch.kind());
    }
    List<ServerMessage.Events> missed = new ArrayList<>();
    int firings = 0;
    for (List<ZnodeChange> changes : history.after(sinceZxid)) {
      for (WatchRegistry.Firing firing : registry.fire(changes)) {
        firings += firing.fired().size();
        if (firings > FIRINGS_MAX) {
          return null;
        }
        missed.add(new ServerMessage.Events(changes.get(0).zxid(), firing.fired()));
      }
    }
    return new WatchReplay(missed, registry.watchesOf(connectionId));
  }
}
