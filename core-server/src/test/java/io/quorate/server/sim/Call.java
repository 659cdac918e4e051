package io.quorate.server.sim;

import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import org.jspecify.annotations.Nullable;

/** One call of a client, from its making to its end. */
final class Call {
  /** How a call ended. */
  enum Outcome {
    /** Not yet. */
    PENDING,
    /** With a result or a definite refusal, at a zxid. */
    ANSWERED,
    /** Refused without a zxid: certainly not applied. */
    NOT_APPLIED,
    /** The session died first: applied once or not at all. */
    UNKNOWN
  }

  final int client;
  final long number;
  final @Nullable WriteOp write;
  final @Nullable ReadOp read;
  final boolean linearizable;
  final boolean sync;
  final boolean close;
  final boolean watch;

  /** True time of the call. */
  long calledAtNanos;

  /** The greatest zxid that anybody had been answered or shown when the call was made. */
  long acknowledgedBefore;

  long session;
  Outcome outcome = Outcome.PENDING;
  long zxid;
  @Nullable OpResult result;

  /** What the client goes on with; run once at the end of the call. */
  Runnable then = () -> {};

  private Call(
      int client,
      long number,
      @Nullable WriteOp write,
      @Nullable ReadOp read,
      boolean linearizable,
      boolean sync,
      boolean close,
      boolean watch) {
    this.client = client;
    this.number = number;
    this.write = write;
    this.read = read;
    this.linearizable = linearizable;
    this.sync = sync;
    this.close = close;
    this.watch = watch;
  }

  static Call write(int client, long number, WriteOp op) {
    return new Call(client, number, op, null, false, false, false, false);
  }

  static Call read(int client, long number, ReadOp op, boolean linearizable, boolean watch) {
    return new Call(client, number, null, op, linearizable, false, false, watch);
  }

  static Call sync(int client, long number) {
    return new Call(client, number, null, null, true, true, false, false);
  }

  /** Adds a persistent watch. */
  static Call addWatch(int client, long number) {
    return new Call(client, number, null, null, false, false, false, true);
  }

  static Call close(int client, long number) {
    return new Call(client, number, null, null, false, false, true, false);
  }

  @Override
  public String toString() {
    return write != null
        ? write.toString()
        : read != null
            ? (linearizable ? "linearizable " : "") + (watch ? "watching " : "") + read
            : sync ? "Sync" : watch ? "AddWatch" : "CloseSession";
  }
}
