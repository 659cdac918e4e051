package io.quorate.server.node;

import io.quorate.server.replication.Input;
import java.util.List;

/** Where the log thread leaves what it has done. Any thread. */
@FunctionalInterface
public interface StorageCompletions {
  /** In the order of submission. */
  void storageDone(List<Input> completions);
}
