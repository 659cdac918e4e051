package io.quorate.server.session;

import io.quorate.data.ErrorCode;

/** What is to be done with a numbered write. */
public sealed interface Admission {

  /** It is the next one: apply it, then {@link SessionTable#settle} its answer. */
  record Next() implements Admission {}

  /** It was applied before; this was the answer. */
  record Repeated(StoredAnswer answer) implements Admission {}

  /** Not applied, and the session is as it was. */
  record Refused(ErrorCode code) implements Admission {}
}
