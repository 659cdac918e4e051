package io.quorate.server.storage.file;

/** Hears what storage found and decided, a sentence each. Thread-safe. */
@FunctionalInterface
public interface StorageReport {
  /** Damage or leftovers, and what was made of them. */
  void found(String text);

  /** What is as it should be, and still worth a line. */
  default void intact(String text) {
    found(text);
  }
}
