package io.quorate.server.node;

/** What a turn of the node thread consists of, in its order. */
public enum TurnPart {
  /** What other threads posted: messages of clients and peers, completions of storage. */
  EVENTS,
  /** Time passed: the replica, digests, meters of disk and memory. */
  TICK,
  /** What clients sent while they had to wait. */
  WAITING,
  /** Ends of sessions, sweeps, proposals and confirmations, to the replica. */
  PROPOSE,
  /** Hand-over to the log thread and the links of the peers. */
  SUBMIT,
  /** Committed entries, and what they mean to watches. */
  APPLY,
  /** What waited for the entries that are applied. */
  SETTLE,
  /** A view for the snapshot thread, if one is due. */
  SNAPSHOT,
  /** Refused connections that are told why and closed, and what they held. */
  LEAVE,
  /** The picture for other threads. */
  STATUS,
  /** Bytes to the connections. */
  FLUSH
}
