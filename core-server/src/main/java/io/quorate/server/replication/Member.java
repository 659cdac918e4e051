package io.quorate.server.replication;

/**
 * A server of the ensemble.
 *
 * @param id 1..255, unique in the ensemble
 * @param voter whether it counts towards quorums; observers do not
 * @param incarnation which life of its data directory votes and acks under this membership; 0 as
 *     long as it is not known
 * @param host where its peers reach it
 * @param peerPort where its peers reach it
 */
public record Member(int id, boolean voter, long incarnation, String host, int peerPort) {
  public static final int ID_MIN = 1;
  public static final int ID_MAX = 255;

  public Member {
    if (id < ID_MIN || id > ID_MAX) {
      throw new IllegalArgumentException("server id must be in [1, 255], found " + id);
    }
    if (peerPort < 0 || peerPort > 65535) {
      throw new IllegalArgumentException("peer port must be in [0, 65535], found " + peerPort);
    }
  }

  /** The same server with another incarnation. */
  public Member withIncarnation(long newIncarnation) {
    return new Member(id, voter, newIncarnation, host, peerPort);
  }

  /**
   * Whether both name the same server at the same place in the same role, whatever their
   * incarnations.
   */
  public boolean isConfiguredLike(Member other) {
    return withIncarnation(0).equals(other.withIncarnation(0));
  }
}
