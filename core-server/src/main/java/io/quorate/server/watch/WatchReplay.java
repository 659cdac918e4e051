package io.quorate.server.watch;

import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.tree.ZnodeChange;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What watches that come from another connection would have heard here since they were left behind:
 * the changes of the history fire them as if they had been held all the time. So one-shot watches
 * fire at the first change that their client may READ, by the znode's list as of that change, and
 * are gone; lasting ones fire at all such.
 *
 * <p>Worked out in slices; the history must not change meanwhile.
 */
public final class WatchReplay {
  /**
   * Firings of one replay. More would neither fit the connection's outbound limit nor help anybody:
   * who missed so much reads anew.
   */
  static final int FIRINGS_MAX = 16_384;

  private final long connectionId;
  private final List<ClientMessage.Registration> watches;
  private final WatchRegistry registry;
  private final Iterator<List<ZnodeChange>> entries;
  private final List<ServerMessage.Events> missed = new ArrayList<>();
  private boolean known;
  private int registered;

  /** Of the entry that fires now. */
  private long zxid;

  private int firings;

  /** Of what happened after {@code sinceZxid}. */
  public WatchReplay(
      ChangeHistory history,
      long sinceZxid,
      long connectionId,
      List<ClientMessage.Registration> watches,
      ReadFilter filter) {
    this.connectionId = connectionId;
    this.watches = watches;
    registry = new WatchRegistry(Integer.MAX_VALUE, FIRINGS_MAX, filter);
    known = history.reachesBackTo(sinceZxid);
    entries = history.after(sinceZxid).iterator();
  }

  /**
   * Goes on.
   *
   * @param work changes and watches looked at, about
   * @return whether there is more to do
   */
  public boolean advance(int work) {
    int left = work;
    while (known && left > 0) {
      if (registered < watches.size()) {
        ClientMessage.Registration watch = watches.get(registered++);
        registry.add(connectionId, watch.watchId(), watch.path(), watch.kind());
      } else if (registry.isFiring()) {
        if (!registry.fireSome(left)) {
          heard(registry.takeFiring());
        }
        return true; // it may have used all of it up
      } else if (entries.hasNext()) {
        List<ZnodeChange> changes = entries.next();
        zxid = changes.get(0).zxid();
        registry.begin(changes);
        if (!registry.fireSome(left)) {
          heard(registry.takeFiring());
        }
        left -= 4 * (changes.size() - 1);
      } else {
        return false;
      }
      left--;
    }
    return known;
  }

  private void heard(WatchRegistry.@Nullable Firing firing) {
    if (firing != null) {
      firings += firing.fired().size();
      known = !firing.cut() && firings <= FIRINGS_MAX;
      missed.add(new ServerMessage.Events(zxid, firing.fired()));
    }
  }

  /** False if the history does not reach back, or if too much was missed. */
  public boolean isKnown() {
    return known;
  }

  /** What was missed, entry by entry, in zxid order. */
  public List<ServerMessage.Events> missed() {
    return missed;
  }

  /** The watches that are to be held now, in the order given. */
  public List<ClientMessage.Registration> left() {
    return registry.watchesOf(connectionId);
  }
}
