package io.quorate.server.statemachine;

import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import org.jspecify.annotations.Nullable;

/** The condition that several operations share. */
final class Conditions {
  private Conditions() {}

  /** Null if the version is the expected one, or none is expected. */
  static OpResult.@Nullable Failure version(int expected, int found) {
    return expected == WriteOp.ANY_VERSION || expected == found
        ? null
        : new OpResult.Failure(ErrorCode.BAD_VERSION, 0, expected, found);
  }
}
