package io.quorate.server.replication;

import java.util.List;

/** What replicas say to each other. */
public sealed interface Message {

  /** Commands for the leader, in order. */
  record Forward(long epoch, List<byte[]> payloads) implements Message {}
}
