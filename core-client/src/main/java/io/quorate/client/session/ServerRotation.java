package io.quorate.client.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which server to try next, and when. The order is shuffled once, so that clients spread. Within a
 * round each server is tried without delay; after a round in which none was of use comes a pause,
 * doubled from round to round and jittered.
 */
final class ServerRotation {
  private static final long PAUSE_NANOS_FIRST = 20_000_000L;
  private static final long PAUSE_NANOS_MAX = 1_000_000_000L;
  private static final String NOT_TRIED = "not tried yet";

  private final List<String> order;
  private final LongSupplier random;

  /** What came of the last attempt at each server, in the order configured. */
  private final Map<String, String> outcomes = new LinkedHashMap<>();

  /** The last refusal, until that server does better or worse. */
  private SessionOutput.@Nullable Refusal refusal;

  private int next;

  /** Attempts since a server was of use. */
  private int failures;

  ServerRotation(List<String> servers, LongSupplier random) {
    this.random = random;
    this.order = new ArrayList<>(servers);
    for (int i = order.size() - 1; i > 0; i--) {
      int j = (int) Math.floorMod(random.getAsLong(), i + 1L);
      String moved = order.get(i);
      order.set(i, order.get(j));
      order.set(j, moved);
    }
    for (String server : servers) {
      outcomes.put(server, NOT_TRIED);
    }
  }

  String next() {
    String server = order.get(next);
    next = (next + 1) % order.size();
    return server;
  }

  /** The server did something for the session: the next failure begins a new count. */
  void succeeded() {
    failures = 0;
  }

  /** The attempt, or the connection, came to nothing; how long to wait before the next attempt. */
  long failed(String server, String cause) {
    return failed(server, cause, null);
  }

  /** As above; {@code said} is what the server said of it, null if nothing. */
  long failed(String server, String cause, SessionOutput.@Nullable Refusal said) {
    outcomes.put(server, cause);
    if (said != null) {
      refusal = said;
    } else {
      forgetRefusalOf(server);
    }
    failures++;
    if (failures < order.size()) {
      return 0;
    }
    int round = rounds() - 1;
    long pause = Math.min(PAUSE_NANOS_MAX, PAUSE_NANOS_FIRST << Math.min(round, 16));
    return pause / 2 + Math.floorMod(random.getAsLong(), pause / 2);
  }

  /** The server was reached, and has given no cause for complaint so far. */
  void reached(String server, String what) {
    outcomes.put(server, what);
    refusal = null;
  }

  private void forgetRefusalOf(String server) {
    if (refusal != null && refusal.server().equals(server)) {
      refusal = null;
    }
  }

  /** Why the last server that spoke took no session; null if none has spoken, or one took it. */
  SessionOutput.@Nullable Refusal refusal() {
    return refusal;
  }

  /** Rounds in which every server failed, since one was of use. */
  int rounds() {
    return failures / order.size();
  }

  /** Each server with what came of it. */
  String describe() {
    StringJoiner text = new StringJoiner("; ");
    outcomes.forEach((server, outcome) -> text.add(server + ": " + outcome));
    return text.toString();
  }
}
