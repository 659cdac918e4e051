package io.quorate.server.replication;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The verbs of the transcript scripts. Time passes and messages move only where a command says so.
 *
 * <pre>
 *   nodes 3 [cache=BYTES] [counter=N] [observers=N]   an ensemble of that size, all down
 *   found                               starts all and stabilizes; only the end is shown
 *   start 1 2 | restart 1 2             starts servers
 *   crash 1 2                           what is not stored is lost
 *   wipe 1                              and its disk
 *   partition 1|2,3                     no link between the sides
 *   block 1-&gt;2                          that direction holds messages back
 *   heal                                ends partitions and blocks
 *   flap 1 2                            the link goes down and up
 *   propose 1 TEXT...                   at that server, an entry for each word
 *   confirm 1 TOKEN
 *   snapshot 1
 *   deliver 1-&gt;2 [N]                    messages
 *   drop 1-&gt;2                           loses one message of a link that stays up
 *   store 1 [N]                         executes storage effects, their completions wait
 *   complete 1 [N]                      hands completions over
 *   until 1 StageSwitch                 everything moves, until that is what server 1 would store next
 * tick MILLIS                         once
 *   stabilize [MILLIS]                  everything moves until nothing does, and time passes
 *   status | logs | reasons             pictures
 * pending 1                           storage effects not executed
 * </pre>
 */
final class Script {
  private static final long SEED = 7;

  private TestEnsemble ensemble = new TestEnsemble(1, SEED, config -> config);
  private int servers;

  List<String> execute(String command) {
    String[] words = command.split("\\s+");
    List<String> picture = new ArrayList<>();
    switch (words[0]) {
      case "nodes" -> nodes(words);
      case "found" -> {
        for (int id = 1; id <= servers; id++) {
          ensemble.start(id);
        }
        ensemble.run(50);
        ensemble.takeTrace();
        status(picture);
      }
      case "start", "restart" -> {
        for (int id : ids(words)) {
          ensemble.start(id);
        }
      }
      case "crash" -> {
        for (int id : ids(words)) {
          ensemble.crash(id);
        }
      }
      case "wipe" -> ensemble.wipe(number(words, 1, 0));
      case "partition" -> partition(words[1]);
      case "block" -> ensemble.block(direction(words[1]).from(), direction(words[1]).to());
      case "heal" -> ensemble.heal();
      case "flap" -> {
        ensemble.dropLink(number(words, 1, 0), number(words, 2, 0));
        ensemble.reconnect();
      }
      case "propose" -> {
        for (String text : Arrays.copyOfRange(words, 2, words.length)) {
          if (!ensemble.propose(number(words, 1, 0), text)) {
            picture.add("refused: " + text);
          }
        }
      }
      case "confirm" -> ensemble.confirm(number(words, 1, 0), number(words, 2, 0));
      case "disk" ->
          ensemble.disk(
              number(words, 1, 0), DiskSpace.Level.valueOf(words[2].toUpperCase(Locale.ROOT)));
      case "snapshot" -> ensemble.snapshot(number(words, 1, 0));
      case "status" -> status(picture);
      case "logs" -> logs(picture);
      case "reasons" -> reasons(picture);
      case "pending" -> pending(picture, number(words, 1, 0));
      default -> move(words);
    }
    picture.addAll(0, ensemble.takeTrace());
    return picture;
  }

  private void move(String[] words) {
    switch (words[0]) {
      case "deliver" -> {
        for (int i = 0; i < number(words, 2, 1); i++) {
          ensemble.deliver(direction(words[1]));
        }
      }
      case "drop" -> ensemble.lose(direction(words[1]));
      case "store" -> {
        for (int i = 0; i < number(words, 2, 1); i++) {
          ensemble.store(number(words, 1, 0));
        }
      }
      case "complete" -> {
        for (int i = 0; i < number(words, 2, 1); i++) {
          ensemble.complete(number(words, 1, 0));
        }
      }
      case "until" -> ensemble.settleUntil(number(words, 1, 0), words[2]);
      case "tick" -> ensemble.tick(number(words, 1, 0));
      case "stabilize" -> ensemble.run(number(words, 1, 20));
      default -> throw new IllegalArgumentException("unknown verb: " + words[0]);
    }
  }

  private void nodes(String[] words) {
    int voters = number(words, 1, 0);
    int observers = 0;
    int cacheBytes = 1 << 20;
    long counterLimit = 1 << 20;
    for (String word : words) {
      if (word.startsWith("cache=")) {
        cacheBytes = Integer.parseInt(word.substring(6));
      } else if (word.startsWith("counter=")) {
        counterLimit = Long.parseLong(word.substring(8));
      } else if (word.startsWith("observers=")) {
        observers = Integer.parseInt(word.substring(10));
      }
    }
    servers = voters + observers;
    int cache = cacheBytes;
    long counter = counterLimit;
    ensemble =
        new TestEnsemble(
            voters,
            observers,
            SEED,
            config -> config.withLimits(cache, 200, 1000, 128, 5).withCounterLimit(counter));
  }

  private void partition(String sides) {
    String[] both = sides.split("\\|");
    for (String a : both[0].split(",")) {
      for (String b : both[1].split(",")) {
        ensemble.partition(Integer.parseInt(a), Integer.parseInt(b));
      }
    }
  }

  private static TestEnsemble.Direction direction(String word) {
    String[] ends = word.split("->");
    return new TestEnsemble.Direction(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
  }

  private static List<Integer> ids(String[] words) {
    List<Integer> ids = new ArrayList<>();
    for (int i = 1; i < words.length; i++) {
      ids.add(Integer.parseInt(words[i]));
    }
    return ids;
  }

  private static int number(String[] words, int at, int otherwise) {
    return at < words.length ? Integer.parseInt(words[at]) : otherwise;
  }

  private void status(List<String> picture) {
    for (TestNode node : ensemble.nodes()) {
      if (!node.isUp()) {
        picture.add(node.id() + ": down");
        continue;
      }
      ReplicaStatus status = node.replica().status();
      picture.add(
          node.id()
              + ": "
              + status.role()
              + " epoch "
              + status.epoch()
              + (status.leaderId() == 0 ? "" : " of " + status.leaderId())
              + (status.serving() ? " serves" : "")
              + " durable "
              + TestEnsemble.describe(status.durableZxid())
              + " committed "
              + TestEnsemble.describe(status.committedZxid()));
    }
  }

  private void pending(List<String> picture, int id) {
    for (Effect.Storage effect : ensemble.node(id).storageQueue()) {
      picture.add(effect.getClass().getSimpleName());
    }
  }

  private void reasons(List<String> picture) {
    for (TestNode node : ensemble.nodes()) {
      if (node.isUp()) {
        picture.add(node.id() + ": " + node.replica().reason());
      }
    }
  }

  /** Each disk's log as runs of an epoch, and what is applied. */
  private void logs(List<String> picture) {
    for (TestNode node : ensemble.nodes()) {
      LogIdentifiers ids = node.disk().ids();
      StringBuilder line = new StringBuilder(node.id() + ":");
      if (ids.baseZxid() != 0) {
        line.append(" after ").append(TestEnsemble.describe(ids.baseZxid()));
      }
      int from = 0;
      for (int i = 0; i < ids.size(); i++) {
        boolean runEnds = i + 1 == ids.size() || ids.zxidAt(i + 1) != ids.zxidAt(i) + 1;
        if (runEnds) {
          line.append(' ').append(TestEnsemble.describe(ids.zxidAt(from)));
          if (i > from) {
            line.append("..").append(TestEnsemble.describe(ids.zxidAt(i)));
          }
          from = i + 1;
        }
      }
      if (node.isUp()) {
        line.append(", applied ").append(TestEnsemble.describe(node.appliedZxid()));
      }
      picture.add(line.toString());
    }
  }
}
