package io.quorate.server.divergence;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.server.replication.ReplicaRules;
import io.quorate.server.replication.StateDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Who is wrong. Each server's answer is a letter: equal letters, equal states; upper case counts,
 * lower case does not (an observer, a life that is not in force); '.' has not answered.
 */
class DigestRoundTest {
  private static final long ZXID = 0x1_0000_0007L;

  private static DigestRound round(String answers) {
    DigestRound round = new DigestRound(ReplicaRules.TRUE, 1, ZXID, 0);
    for (int i = 0; i < answers.length(); i++) {
      char letter = answers.charAt(i);
      if (letter != '.') {
        StateDigest state = new StateDigest(ZXID, 1, Character.toUpperCase(letter));
        boolean counts = Character.isUpperCase(letter);
        round.put(i + 1, new DigestRound.Answer(state, counts, false));
      }
    }
    return round;
  }

  @ParameterizedTest(name = "{0} of {1} voters: {2} {3}")
  @CsvSource({
    // answers, voters, verdict, who differs from the majority
    "A,     1, AGREED, ''",
    "AAA,   3, AGREED, ''",
    "AA.,   3, AGREED, ''",
    "A..,   3, OPEN, ''",
    "AAB,   3, AGREED, 3",
    "BAA,   3, AGREED, 1", // the leader too
    "AB.,   3, DISPUTED, ''", // the third decides
    "ABC,   3, SPLIT, ''",
    "AAAAA, 5, AGREED, ''",
    "AAABB, 5, AGREED, 4 5",
    "AAABC, 5, AGREED, 4 5",
    "AAB.., 5, DISPUTED, ''",
    "AABB., 5, DISPUTED, ''",
    "AABBC, 5, SPLIT, ''", // two, two and one
    "AABC., 5, DISPUTED, ''",
    "ABCD., 5, SPLIT, ''",
    "ABC.., 5, DISPUTED, ''",
    "AA,    4, OPEN, ''", // half is no majority
    "AABB,  4, SPLIT, ''",
    "AAAb,  3, AGREED, 4", // an observer that differs
    "AABa,  3, AGREED, 3",
    "ABCa,  3, SPLIT, ''", // an observer decides nothing
    "A..b,  3, OPEN, ''",
    "AB.a,  3, DISPUTED, ''",
    "Aab,   3, OPEN, ''", // lives that are not in force
    "AAb,   3, AGREED, 3",
  })
  void answers_haveTheirVerdict(String answers, int voters, String verdict, String differing) {
    DigestRound round = round(answers);
    assertThat(round.verdict(voters)).isEqualTo(DigestRound.Verdict.valueOf(verdict));
    StateDigest agreed = round.agreed(voters);
    if (verdict.equals("AGREED")) {
      assertThat(agreed).isNotNull();
      assertThat(round.differing(agreed)).isEqualTo(ids(differing));
    } else {
      assertThat(agreed).isNull();
    }
  }

  private static List<Integer> ids(String text) {
    List<Integer> ids = new ArrayList<>();
    for (String id : text.trim().split(" ")) {
      if (!id.isEmpty()) {
        ids.add(Integer.valueOf(id.toLowerCase(Locale.ROOT)));
      }
    }
    return ids;
  }
}
