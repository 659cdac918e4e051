package io.quorate.server.watch;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.protocol.message.ServerMessage;
import java.util.List;

/** The watches of the connections of this server. Confined to the node thread. */
public final class WatchRegistry {
  /** A connection may hold so many watches. */
  public static final int WATCHES_PER_CONNECTION_MAX = 100_000;

  /** What one connection hears of one call of {@link #fire}. */
  public record Firing(long connectionId, List<ServerMessage.Fired> fired) {
    public Firing {
      fired = List.copyOf(fired);
    }
  }

  /**
   * Leaves a watch; an earlier one of that connection and id is replaced.
   *
   * @return false if the connection already holds {@link #WATCHES_PER_CONNECTION_MAX}
   */
  public boolean add(long connectionId, long watchId, String path, WatchKind kind) {
    throw new UnsupportedOperationException("follows");
  }

  /** Removes a watch; false if there was none. */
  public boolean remove(long connectionId, long watchId) {
    throw new UnsupportedOperationException("follows");
  }

  /** Removes all watches of a connection. */
  public void dropConnection(long connectionId) {
    throw new UnsupportedOperationException("follows");
  }

  /**
   * What the changes of one entry mean to the watches; one-shot watches are gone once they fired.
   *
   * @return one element per connection that has something to hear, by connection id; inside, in the
   *     order of the changes, then of registration
   */
  public List<Firing> fire(List<WatchEvent> changes) {
    throw new UnsupportedOperationException("follows");
  }

  /** Watches held for all connections. */
  public int count() {
    throw new UnsupportedOperationException("follows");
  }
}
