package io.quorate.server.replication;

import io.quorate.server.replication.Message.Kind;

/**
 * Which message means something in which role (R8).
 *
 * <p>A link outlives roles, so what was legal when it was sent may arrive in a role that has no use
 * for it: it is dropped and counted. What only a broken peer could send is not decided here but
 * where it is found, and stops the node: a second leader of one epoch, a cut below the floor, a
 * snapshot that is older than what is committed.
 *
 * <p>An observer is sent what a follower is sent.
 *
 * <pre>
 *                     Unfounded  Looking  Follower  Leader
 *   Hello                 x         x        x        x
 *   DiskReport            x         x        x        x
 *   FoundingOffer         x         x
 *   FoundingGrant         x
 *   PreVote               x         x        x        x
 *   PreVoteReply                    x
 *   VoteRequest           x         x        x        x
 *   VoteReply                       x
 *   NewLeader             x         x        x        x
 *   Heartbeat             x         x        x        x    of another leader: as NewLeader
 *   Synchronize                              x
 *   SnapshotChunk                            x
 *   Append                                   x
 *   ConfirmReply                             x
 *   WriteRoom                                x
 *   SteppingDown                             x
 *   EpochRefused                                      x
 *   Position                                          x
 *   SnapshotAck                                       x
 *   Ack                                               x
 *   Forward                                           x
 *   ConfirmRequest                                    x
 *   DigestQuestion                           x
 *   DigestAnswer                                      x
 * </pre>
 */
final class LegalMessages {
  private LegalMessages() {}

  static boolean legal(ReplicaStatus.Role role, Kind kind) {
    return switch (kind) {
      case HELLO, PRE_VOTE, VOTE_REQUEST, NEW_LEADER, HEARTBEAT, DISK_REPORT -> true;
      case FOUNDING_OFFER ->
          role == ReplicaStatus.Role.UNFOUNDED || role == ReplicaStatus.Role.LOOKING;
      case FOUNDING_GRANT -> role == ReplicaStatus.Role.UNFOUNDED;
      case PRE_VOTE_REPLY, VOTE_REPLY -> role == ReplicaStatus.Role.LOOKING;
      case SYNCHRONIZE,
          SNAPSHOT_CHUNK,
          APPEND,
          CONFIRM_REPLY,
          DIGEST_QUESTION,
          WRITE_ROOM,
          STEPPING_DOWN ->
          role == ReplicaStatus.Role.FOLLOWER || role == ReplicaStatus.Role.OBSERVER;
      case EPOCH_REFUSED, POSITION, SNAPSHOT_ACK, ACK, FORWARD, CONFIRM_REQUEST, DIGEST_ANSWER ->
          role == ReplicaStatus.Role.LEADER;
    };
  }
}
