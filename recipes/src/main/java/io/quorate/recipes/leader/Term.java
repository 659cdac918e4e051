package io.quorate.recipes.leader;

import io.quorate.recipes.base.ForwardingGrant;
import io.quorate.recipes.base.ZnodeGrant;
import java.util.concurrent.CompletableFuture;

/**
 * One participant's time as the leader. Releasing it steps down: {@code onDeposed} first, then the
 * title goes on, and the participant queues again.
 */
public final class Term extends ForwardingGrant {
  private final Candidacy candidacy;
  private final ZnodeGrant grant;
  private final String participantId;

  Term(Candidacy candidacy, ZnodeGrant grant, String participantId) {
    super(grant);
    this.candidacy = candidacy;
    this.grant = grant;
    this.participantId = participantId;
  }

  /** Who leads. */
  public String participantId() {
    return participantId;
  }

  /** The fencing token: grows from term to term, whoever leads. */
  public long epoch() {
    return fencingToken();
  }

  ZnodeGrant grant() {
    return grant;
  }

  @Override
  public CompletableFuture<Void> releaseAsync() {
    return candidacy.stepDown(this);
  }

  @Override
  public void close() {
    candidacy.awaitQuietly(releaseAsync());
  }

  @Override
  public String toString() {
    return "Term(" + participantId + ", " + grant + ")";
  }
}
