package io.quorate.recipes.lock;

import io.quorate.client.Deadline;
import io.quorate.client.Op;
import io.quorate.recipes.base.Grant;
import io.quorate.recipes.base.GrantLoss;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Several locks held together. It has no token of its own: each lock has its own. Any thread. */
public final class MultiGrant implements AutoCloseable {
  private final List<Grant> grants;

  MultiGrant(List<Grant> grants) {
    this.grants = List.copyOf(grants);
  }

  /** Those of the locks, in the order of their paths. */
  public List<Grant> grants() {
    return grants;
  }

  /** The operations of a multi that fails unless all of the locks are held at that zxid. */
  public List<Op> guards(Op... ops) {
    List<Op> all = new ArrayList<>();
    grants.forEach(grant -> all.add(grant.guard()));
    all.addAll(List.of(ops));
    return all;
  }

  /** Until then nobody else can have been granted any of them. */
  public Deadline safeUntil() {
    return grants.stream()
        .map(Grant::safeUntil)
        .min(Comparator.comparing(Deadline::remaining))
        .orElseThrow();
  }

  /** Whether all of them are held, as far as this process can know. */
  public boolean isHeld() {
    return grants.stream().allMatch(Grant::isHeld);
  }

  /**
   * Calls {@code listener} for each of them that is lost; see {@link Grant#onLost}.
   *
   * @return this
   */
  public MultiGrant onLost(Consumer<GrantLoss> listener) {
    grants.forEach(grant -> grant.onLost(listener));
    return this;
  }

  /** Gives all of them back; never fails. Idempotent. */
  public CompletableFuture<Void> releaseAsync() {
    return CompletableFuture.allOf(
        grants.stream().map(Grant::releaseAsync).toArray(CompletableFuture<?>[]::new));
  }

  /** Releases all of them, and waits as a grant does. */
  @Override
  public void close() {
    // All releases are under way before the first is waited for.
    CompletableFuture<Void> all = releaseAsync();
    grants.forEach(Grant::close);
    assert all != null;
  }

  @Override
  public String toString() {
    return "MultiGrant" + grants;
  }
}
