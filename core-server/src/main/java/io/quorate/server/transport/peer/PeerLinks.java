package io.quorate.server.transport.peer;

import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The links of one server, by the id of the peer. Its set of links never changes. */
final class PeerLinks implements PeerHandshake.Members {
  /** Ids are below this. */
  static final int IDS = Member.ID_MAX + 1;

  private final @Nullable PeerLink[] links = new PeerLink[IDS];
  private final List<PeerLink> all = new ArrayList<>();

  /** What makes a link. */
  interface Maker {
    PeerLink make(Member peer);
  }

  PeerLinks(int self, Membership members, Maker maker) {
    for (Member member : members.members()) {
      if (member.id() != self) {
        PeerLink link = maker.make(member);
        links[member.id()] = link;
        all.add(link);
      }
    }
  }

  @Nullable PeerLink link(int id) {
    return id >= 0 && id < IDS ? links[id] : null;
  }

  /** In the order of ids. */
  List<PeerLink> all() {
    return all;
  }

  @Override
  public boolean contains(int id) {
    return link(id) != null;
  }

  @Override
  public boolean isBlocked(int id) {
    PeerLink link = link(id);
    return link != null && link.isBlocked();
  }
}
