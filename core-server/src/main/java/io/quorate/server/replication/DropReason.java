package io.quorate.server.replication;

/** Why a message that is no fault of anybody's was not acted upon. */
public enum DropReason {
  /** The sender is not configured here. */
  UNKNOWN_PEER,
  /** The sender belongs to another ensemble, or has not said yet to which. */
  OTHER_CLUSTER,
  /** The message belongs to an epoch that is over. */
  OLD_EPOCH,
  /** The message belongs to a synchronization that was given up. */
  OLD_SYNC,
  /** The receiver has left the role or phase in which it would have meant something. */
  OUT_OF_PHASE,
  /** A named limit was reached. */
  LIMIT
}
