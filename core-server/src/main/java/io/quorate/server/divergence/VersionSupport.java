package io.quorate.server.divergence;

import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import java.util.TreeMap;

/**
 * Which versions of the state machine the others know, as they said while this server leads. The
 * version in force is raised only to what every member knows, absent ones included: they would have
 * to stop when they come back.
 */
final class VersionSupport {
  private final TreeMap<Integer, Integer> said = new TreeMap<>();

  void said(int server, int version) {
    said.put(server, version);
  }

  /** Its link is gone: it may come back as an older program. */
  void gone(int server) {
    said.remove(server);
  }

  void clear() {
    said.clear();
  }

  /** The newest version that all members know; 0 if one of them did not say. */
  int knownToAll(Membership membership, int ownId, int ownVersion) {
    int least = ownVersion;
    for (Member member : membership.members()) {
      if (member.id() != ownId) {
        least = Math.min(least, said.getOrDefault(member.id(), 0));
      }
    }
    return least;
  }
}
