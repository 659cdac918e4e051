package io.quorate.server.codec;

/**
 * The records inside a snapshot, shared by {@link SnapshotCodec} and {@link SnapshotLoader}.
 *
 * <pre>
 *   record: | kind: byte | n: int | body: n bytes |
 *
 *   HEADER 1   layout byte = 1, state machine version int, zxid long, log time long, digest long,
 *              number of znodes long, number of sessions int
 *   ZNODE 2    depth int, name string, czxid, mzxid, pzxid, ctime, mtime: long each, version,
 *              creations, deletions: int each, owner long, data bytes or null, 0 byte for the usual
 *              terms, or 1 and: aversion int, ttl long, expires at long, container byte, n int, n
 *              times (permissions int, scheme string, id string)
 *   SESSION 3  id, timeout millis: long each, secret hash bytes, client name string, attach zxid,
 *              last number, confirmed up to: long each, number of answers int
 *   ANSWER 4   the bytes of {@code AnswerFormat}
 *   END 5      nothing
 *
 *   snapshot: HEADER, ZNODE... (depth-first, names in order), (SESSION, ANSWER...)... (by id), END
 * </pre>
 *
 * <p>The records follow each other without gaps, whatever the borders of the blocks.
 */
final class SnapshotRecords {
  static final int LAYOUT = 1;
  static final int HEADER = 1;
  static final int ZNODE = 2;
  static final int SESSION = 3;
  static final int ANSWER = 4;
  static final int END = 5;

  /** Kind and length. */
  static final int PREFIX_BYTES = 5;

  /** No body is longer: the limits of data, paths and multis keep all well below. */
  static final int BODY_BYTES_MAX = 16 * 1024 * 1024;

  private SnapshotRecords() {}
}
