package io.quorate.server.request;

import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.statemachine.Command;
import io.quorate.server.statemachine.StateMachine;
import io.quorate.server.watch.WatchRules;
import org.jspecify.annotations.Nullable;

/** Port: what the request path needs of the node around it. Called on the node thread only. */
public interface RequestHost {
  /** Whether proposals and confirmations can be given at the moment. */
  boolean serving();

  /**
   * False while the leader that is followed has been silent for so long that clients are sent
   * elsewhere, though the replica does not look for another one yet.
   */
  boolean hearsLeader();

  /** Why one of the two above is false, in one line for a person. */
  default String whyNotServing() {
    return "has no leader with a quorum";
  }

  /**
   * Whether clients wait: for their answers, and with what they send.
   *
   * @param unheard whether connections may not hold yet what they hear of the newest entry
   */
  default boolean clientsWait(boolean unheard) {
    return unheard;
  }

  /** What the promises of watches hang on. */
  default WatchRules watchRules() {
    return WatchRules.TRUE;
  }

  /**
   * Why nothing of clients goes to the log although this server serves, in one line for a person;
   * empty if it does.
   */
  default String holdsWrites() {
    return "";
  }

  /** The live state. Illegal while a state is being loaded; no connection is open then. */
  StateMachine state();

  /** Zxid of the last applied entry. */
  long appliedZxid();

  /** What keeps this server from taking what grows; null if nothing does. */
  default @Nullable Shortage shortage() {
    return null;
  }

  /** The log payload of a command; null if it exceeds the limit of an entry (R20). */
  byte @Nullable [] encode(Command command);

  /**
   * Gives a payload to the leader's log with the rest of this turn, in order. Lost without a word
   * if the leader changes: see {@link RequestRouter#leaderChanged}.
   *
   * @param sessionId which session shows by it that it is alive; 0 for none
   */
  void propose(byte[] payload, long sessionId);

  /** What this server is and sees. */
  ServerMessage.Status status(long xid);
}
