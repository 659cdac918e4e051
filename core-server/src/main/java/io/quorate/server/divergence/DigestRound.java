package io.quorate.server.divergence;

import io.quorate.data.Zxid;
import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.StateDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the servers answered to one question of the leader: their states after one zxid. */
final class DigestRound {
  /** What the answers so far say. */
  enum Verdict {
    /** No two counted answers differ, and there is no majority yet. */
    OPEN,
    /** A majority of all voters has one state; whoever has another is wrong. */
    AGREED,
    /** Two counted answers differ, and those still missing may decide. */
    DISPUTED,
    /** Two counted answers differ, and no answer could give a majority any more. */
    SPLIT
  }

  /**
   * @param counts whether it is the answer of a voter in its life that is in force
   * @param rebuilt whether that server was rebuilt already because it differed, and still does
   */
  record Answer(StateDigest state, boolean counts, boolean rebuilt) {}

  private final ReplicaRules rules;
  private final long number;
  private final long zxid;
  private final long startedNanos;
  private final TreeMap<Integer, Answer> answers = new TreeMap<>();
  private boolean told;

  DigestRound(ReplicaRules rules, long number, long zxid, long startedNanos) {
    this.rules = rules;
    this.number = number;
    this.zxid = zxid;
    this.startedNanos = startedNanos;
  }

  long number() {
    return number;
  }

  long zxid() {
    return zxid;
  }

  long startedNanos() {
    return startedNanos;
  }

  /**
   * True once: telling what the majority has is a question, each question is answered, and each
   * answer comes here, so that telling it at each answer would never end.
   */
  boolean tellOnce() {
    boolean first = !told;
    told = true;
    return first;
  }

  void put(int server, Answer answer) {
    answers.put(server, answer);
  }

  /** What the answers say, of so many voters in all. */
  Verdict verdict(int voters) {
    if (agreed(voters) != null) {
      return Verdict.AGREED;
    }
    int counted = 0;
    int most = 0;
    for (Answer answer : answers.values()) {
      if (answer.counts()) {
        counted++;
        most = Math.max(most, countOf(answer.state()));
      }
    }
    if (most == counted) {
      return Verdict.OPEN;
    }
    return most + voters - counted > voters / 2 ? Verdict.DISPUTED : Verdict.SPLIT;
  }

  /** The state that a majority of so many voters has; null if there is none so far. */
  @Nullable StateDigest agreed(int voters) {
    for (Answer answer : answers.values()) {
      if (answer.counts() && countOf(answer.state()) > voters / 2) {
        return answer.state();
      }
    }
    return null;
  }

  private int countOf(StateDigest state) {
    int count = 0;
    for (Answer answer : answers.values()) {
      count += answer.counts() && rules.sameState(answer.state(), state) ? 1 : 0;
    }
    return count;
  }

  /** The servers, counted or not, that have another state than this one. */
  List<Integer> differing(StateDigest agreed) {
    List<Integer> differing = new ArrayList<>();
    for (Map.Entry<Integer, Answer> answer : answers.entrySet()) {
      if (!rules.sameState(answer.getValue().state(), agreed)) {
        differing.add(answer.getKey());
      }
    }
    return differing;
  }

  /** Whether one of those was rebuilt already. */
  boolean rebuiltInVain(StateDigest agreed) {
    for (Answer answer : answers.values()) {
      if (answer.rebuilt() && !rules.sameState(answer.state(), agreed)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("at ").append(Zxid.format(zxid));
    for (Map.Entry<Integer, Answer> answer : answers.entrySet()) {
      text.append(' ').append(answer.getKey()).append('=');
      text.append(Long.toHexString(answer.getValue().state().digest()));
      text.append(answer.getValue().counts() ? "" : " (not counted)");
    }
    return text.toString();
  }
}
