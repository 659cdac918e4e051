package io.quorate.server.request;

import io.quorate.data.ErrorCode;

/**
 * Why a server takes nothing that grows at the moment.
 *
 * @param code what a refused request is answered with
 * @param expected the limit, bytes: of memory at most, of free disk space at least
 * @param found what there is instead
 * @param logsNothing whether there is not even room to log a refusal: numbered writes wait then
 */
public record Shortage(ErrorCode code, long expected, long found, boolean logsNothing) {
  /** For people, after "refused: ". */
  public String describe() {
    return code == ErrorCode.INSUFFICIENT_SPACE
        ? "a majority of the servers with at least %d bytes of free disk space expected, found %d"
            .formatted(expected, found)
        : "at most %d bytes of state and waiting requests expected, found %d"
            .formatted(expected, found);
  }
}
