package io.quorate.server.session;

import io.quorate.server.base.ByteWriter;
import io.quorate.server.base.Invariant;
import io.quorate.server.base.XxHash64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One session of the table. Changed in place only by the table that owns it in the present
 * generation.
 *
 * <p>The answers are a range of an array that a copy shares: the writer only ever fills slots
 * behind the range that a view sees, and clears slots only of an array that no view sees. So a copy
 * is O(1), and so is the next answer.
 */
final class Session {
  private static final int FIRST_CAPACITY = 4;
  private static final byte[] FORGOTTEN = new byte[0];
  private static final long FIELDS_SEED = 0x1B87_3FD2_94E6_0CA5L;
  private static final long ANSWER_SEED = 0x6E52_AB90_C71D_384FL;

  /** Generation in which this object was made. */
  final long stamp;

  final long id;
  final byte[] key;
  final long timeoutMillis;
  final byte[] secretHash;
  final String clientName;
  private final long fixedHash;

  long attachZxid;
  long lastNumber;
  long confirmedUpTo;

  /** Bytes of all answers. */
  long answerBytes;

  private long answersDigest;

  /** The answer of number {@code confirmedUpTo + 1 + i} is at {@code firstAnswer + i}. */
  private byte[][] answers;

  private int firstAnswer;

  /** Generation in which the array was made. */
  private long answersStamp;

  Session(long stamp, long id, long timeoutMillis, byte[] secretHash, String clientName) {
    this.stamp = stamp;
    this.id = id;
    this.key = SessionPages.key(id);
    this.timeoutMillis = timeoutMillis;
    this.secretHash = secretHash;
    this.clientName = clientName;
    // As written, not as UTF-8: that would make all unpaired surrogates equal.
    byte[] name = new ByteWriter(64).putString(clientName).toBytes();
    long hash = XxHash64.mix(timeoutMillis, XxHash64.mix(id, FIELDS_SEED));
    hash = XxHash64.hash(secretHash, 0, secretHash.length, hash);
    this.fixedHash = XxHash64.hash(name, 0, name.length, hash);
    this.attachZxid = id;
    this.answers = new byte[FIRST_CAPACITY][];
    this.answersStamp = stamp;
  }

  private Session(long stamp, Session from) {
    this.stamp = stamp;
    id = from.id;
    key = from.key;
    timeoutMillis = from.timeoutMillis;
    secretHash = from.secretHash;
    clientName = from.clientName;
    fixedHash = from.fixedHash;
    attachZxid = from.attachZxid;
    lastNumber = from.lastNumber;
    confirmedUpTo = from.confirmedUpTo;
    answerBytes = from.answerBytes;
    answersDigest = from.answersDigest;
    answers = from.answers;
    firstAnswer = from.firstAnswer;
    answersStamp = from.answersStamp;
  }

  Session copy(long newStamp) {
    return new Session(newStamp, this);
  }

  int answerCount() {
    return (int) (lastNumber - confirmedUpTo);
  }

  /** The answer of a number above {@code confirmedUpTo}, up to {@code lastNumber}. */
  byte[] answer(long number) {
    return answers[firstAnswer + (int) (number - confirmedUpTo - 1)];
  }

  /** Answers the next number. */
  void append(byte[] answer, long generation) {
    int end = firstAnswer + answerCount();
    if (end == answers.length) {
      int count = answerCount();
      byte[][] grown = new byte[Math.max(FIRST_CAPACITY, count * 2)][];
      System.arraycopy(answers, firstAnswer, grown, 0, count);
      answers = grown;
      answersStamp = generation;
      firstAnswer = 0;
      end = count;
    }
    answers[end] = answer;
    lastNumber++;
    answerBytes += answer.length;
    answersDigest += answerHash(lastNumber, answer);
  }

  /**
   * Forgets the answers up to a number, which is at most {@code lastNumber}.
   *
   * @param arrayShared whether a view may see the array
   */
  void confirm(long number, boolean arrayShared) {
    Invariant.check(
        number <= lastNumber, "confirmed up to %d, answered up to %d", number, lastNumber);
    while (confirmedUpTo < number) {
      byte[] answer = answers[firstAnswer];
      confirmedUpTo++;
      answerBytes -= answer.length;
      answersDigest -= answerHash(confirmedUpTo, answer);
      if (!arrayShared) {
        answers[firstAnswer] = FORGOTTEN;
      }
      firstAnswer++;
    }
  }

  long answersStamp() {
    return answersStamp;
  }

  /** What this session adds to the digest. */
  long digestPart() {
    long hash = XxHash64.mix(attachZxid, fixedHash);
    hash = XxHash64.mix(lastNumber, hash);
    return XxHash64.mix(confirmedUpTo, hash) + answersDigest;
  }

  /** The same, from scratch. */
  long digestPartAnew() {
    Session anew = new Session(0, id, timeoutMillis, secretHash, clientName);
    anew.attachZxid = attachZxid;
    anew.lastNumber = confirmedUpTo;
    anew.confirmedUpTo = confirmedUpTo;
    for (long number = confirmedUpTo + 1; number <= lastNumber; number++) {
      anew.append(answer(number), 0);
    }
    return anew.digestPart();
  }

  SessionImage image() {
    List<byte[]> kept = new ArrayList<>(answerCount());
    for (long number = confirmedUpTo + 1; number <= lastNumber; number++) {
      kept.add(answer(number));
    }
    return new SessionImage(
        id, timeoutMillis, secretHash, clientName, attachZxid, lastNumber, confirmedUpTo, kept);
  }

  SessionInfo info(int ephemerals) {
    return new SessionInfo(
        id,
        timeoutMillis,
        Arrays.copyOf(secretHash, secretHash.length),
        clientName,
        attachZxid,
        lastNumber,
        confirmedUpTo,
        ephemerals);
  }

  private long answerHash(long number, byte[] answer) {
    long hash = XxHash64.mix(number, XxHash64.mix(id, ANSWER_SEED));
    return XxHash64.hash(answer, 0, answer.length, hash);
  }
}
