package io.quorate.server.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Links that are up, and what the servers at their other ends said of themselves. */
final class Peers {
  /** Null as long as nothing was said. */
  private final TreeMap<Integer, @Nullable Holder> links = new TreeMap<>();

  /** Of those that said so. */
  private final TreeMap<Integer, DiskSpace> spaces = new TreeMap<>();

  private record Holder(Message.@Nullable Hello hello) {}

  void up(int peer) {
    links.put(peer, new Holder(null));
  }

  void down(int peer) {
    spaces.remove(peer);
    links.remove(peer);
  }

  void said(int peer, Message.Hello hello) {
    if (links.containsKey(peer)) {
      links.put(peer, new Holder(hello));
    }
  }

  void reported(int peer, DiskSpace space) {
    if (links.containsKey(peer)) {
      spaces.put(peer, space);
    }
  }

  /** Room of that peer's disk, as it said last. */
  DiskSpace space(int peer) {
    DiskSpace space = spaces.get(peer);
    return space == null ? DiskSpace.UNKNOWN : space;
  }

  boolean isUp(int peer) {
    return links.containsKey(peer);
  }

  /** What that peer said, or null. */
  Message.@Nullable Hello hello(int peer) {
    Holder holder = links.get(peer);
    return holder == null ? null : holder.hello();
  }

  /** Ids of all peers with a link, ascending. */
  List<Integer> up() {
    return new ArrayList<>(links.keySet());
  }
}
