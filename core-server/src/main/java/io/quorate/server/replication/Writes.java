package io.quorate.server.replication;

import io.quorate.server.base.Invariant;

/**
 * Writes under way in storage, fenced by generations (R7).
 *
 * <p>A new generation begins with each role and with each synchronization. A completion of an older
 * one says nothing to the present role; it only helps to come to rest. As storage is first in,
 * first out, a node at rest knows that everything it has written is durable.
 */
final class Writes {
  private long generation = 1;
  private int underWay;

  long generation() {
    return generation;
  }

  /** Completions of writes begun before this are stale. */
  void newGeneration() {
    generation++;
  }

  /** A write that changes the history was handed to storage. */
  void begun() {
    underWay++;
  }

  /** One came back; whether it is of the present generation. */
  boolean completed(long ofGeneration) {
    Invariant.check(underWay > 0, "a completion of generation %d without a write", ofGeneration);
    Invariant.check(
        ofGeneration <= generation,
        "completion of generation %d in generation %d",
        ofGeneration,
        generation);
    underWay--;
    return ofGeneration == generation;
  }

  int underWay() {
    return underWay;
  }
}
