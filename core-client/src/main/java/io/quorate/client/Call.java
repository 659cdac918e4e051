package io.quorate.client;

import io.quorate.client.session.SessionOutput;
import io.quorate.data.OpResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One request of a caller: the handle that travels through the session machine. */
final class Call<T> {
  /** Makes the caller's result of an answer that is no failure. */
  interface Reading<T> {
    T read(OpResult result, long zxid);
  }

  final CompletableFuture<T> future = new CompletableFuture<>();

  /** Name of the operation, for meters. */
  final String operation;

  /** Nanoseconds of the client's clock. */
  final long begunNanos;

  private final Duration requestTimeout;

  private final List<Op> ops;

  private final String path;

  private final Reading<T> reading;

  /**
   * @param path the caller's; empty if there is none
   * @param ops what a failure is about: a write's operations, or none for other requests
   */
  Call(
      String operation,
      String path,
      List<Op> ops,
      long begunNanos,
      Duration requestTimeout,
      Reading<T> reading) {
    this.operation = operation;
    this.path = path;
    this.ops = ops;
    this.begunNanos = begunNanos;
    this.requestTimeout = requestTimeout;
    this.reading = reading;
  }

  /** For meters: ok, the error code, or why there was no answer. */
  String outcomeName(SessionOutput.Outcome outcome) {
    if (outcome instanceof SessionOutput.Unanswered unanswered) {
      return unanswered.reason().name();
    }
    return ((SessionOutput.Answered) outcome).result() instanceof OpResult.Failure failure
        ? failure.code().name()
        : "OK";
  }

  /** On a callback thread. */
  void complete(SessionOutput.Outcome outcome) {
    QuorateException failure = failureOf(outcome);
    if (failure != null) {
      future.completeExceptionally(failure);
      return;
    }
    SessionOutput.Answered answered = (SessionOutput.Answered) outcome;
    T result;
    try {
      result = reading.read(answered.result(), answered.zxid());
    } catch (ClassCastException | IllegalStateException e) {
      ServerRefusedException fault =
          new ServerRefusedException(what() + ": answered by " + answered.result());
      fault.initCause(e);
      future.completeExceptionally(fault);
      return;
    }
    future.complete(result);
  }

  private @Nullable QuorateException failureOf(SessionOutput.Outcome outcome) {
    if (outcome instanceof SessionOutput.Unanswered unanswered) {
      return Failures.of(what(), unanswered, requestTimeout);
    }
    if (((SessionOutput.Answered) outcome).result() instanceof OpResult.Failure failure) {
      return ops.isEmpty() ? Failures.of(what(), path, failure) : Failures.of(what(), ops, failure);
    }
    return null;
  }

  private String what() {
    return path.isEmpty() ? operation : operation + " " + path;
  }

  @Override
  public String toString() {
    return "what depends on the future of " + what();
  }
}
