package io.quorate.recipes.base;

import io.quorate.client.Deadline;
import io.quorate.client.Op;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A grant that is another one with something added. */
public abstract class ForwardingGrant implements Grant {
  private final Grant grant;

  protected ForwardingGrant(Grant grant) {
    this.grant = grant;
  }

  @Override
  public long fencingToken() {
    return grant.fencingToken();
  }

  @Override
  public Deadline safeUntil() {
    return grant.safeUntil();
  }

  @Override
  public boolean isHeld() {
    return grant.isHeld();
  }

  @Override
  public Grant onLost(Consumer<GrantLoss> listener) {
    grant.onLost(listener);
    return this;
  }

  @Override
  public Op guard() {
    return grant.guard();
  }

  @Override
  public CompletableFuture<Void> releaseAsync() {
    return grant.releaseAsync();
  }

  @Override
  public void close() {
    grant.close();
  }

  @Override
  public String toString() {
    return grant.toString();
  }
}
