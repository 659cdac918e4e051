package io.quorate.recipes.lock;

import io.quorate.recipes.base.ForwardingGrant;
import io.quorate.recipes.base.Grant;

/**
 * Permits of a semaphore, given back together. Others hold permits at the same time: the token is
 * for comparing, never for recording. Any thread.
 */
public final class Permits extends ForwardingGrant {
  private final int count;

  Permits(Grant grant, int count) {
    super(grant);
    this.count = count;
  }

  public int count() {
    return count;
  }
}
