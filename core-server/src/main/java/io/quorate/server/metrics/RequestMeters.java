package io.quorate.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Requests by kind and outcome, and how long they took. Confined to the node thread, but for what
 * the registry reads.
 *
 * <p>The hot path is one increment of an array that only this thread writes, and the time of
 * arrival put into a buffer; at the end of the turn the buffer becomes samples of the timer, with
 * one look at the clock for all of them. A full buffer drops further samples of that turn, never
 * counts. What it costs is in {@code docs/operations/metrics.md}.
 */
final class RequestMeters {
  /** What is asked for. */
  enum Kind {
    CREATE,
    DELETE,
    SET,
    CHECK,
    SET_ACL,
    SET_EXPIRY,
    MULTI,
    GET,
    EXISTS,
    CHILDREN,
    OTHER_READ,
    SYNC,
    WATCH,
    AUTH,
    CLOSE_SESSION
  }

  private static final Kind[] KINDS = Kind.values();
  private static final ErrorCode[] CODES = ErrorCode.values();

  /** One more than codes, for success. */
  private static final int OUTCOMES = CODES.length + 1;

  private static final int SAMPLES_PER_TURN_MAX = 256;

  private final MeterRegistry registry;
  private final Tags tags;
  private final AtomicLongArray counts = new AtomicLongArray(KINDS.length * OUTCOMES);
  private final boolean[] registered = new boolean[KINDS.length * OUTCOMES];
  private final Timer writeTimer;
  private final Timer readTimer;
  private final long[] writesArrivedNanos = new long[SAMPLES_PER_TURN_MAX];
  private final long[] readsArrivedNanos = new long[SAMPLES_PER_TURN_MAX];
  private int writes;
  private int reads;

  RequestMeters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
    writeTimer = timer("write");
    readTimer = timer("read");
    register(index(Kind.CREATE, 0), Kind.CREATE, "ok");
  }

  private Timer timer(String type) {
    return ServerMeters.histogram(
            Timer.builder("quorate.server.request.latency"),
            "Time from a request's arrival to its answer, the wait in the inbox included; at most "
                + SAMPLES_PER_TURN_MAX
                + " of a turn are sampled. Type: write (through the log), read.")
        .tags(tags)
        .tag("type", type)
        .register(registry);
  }

  void answered(ClientMessage request, OpResult result, long arrivedNanos) {
    Kind kind = kindOf(request);
    int outcome = result instanceof OpResult.Failure failure ? failure.code().ordinal() + 1 : 0;
    int index = index(kind, outcome);
    if (!registered[index]) {
      register(
          index, kind, outcome == 0 ? "ok" : CODES[outcome - 1].name().toLowerCase(Locale.ROOT));
    }
    counts.lazySet(index, counts.getPlain(index) + 1);
    if (kind.ordinal() <= Kind.MULTI.ordinal()) {
      if (writes < SAMPLES_PER_TURN_MAX) {
        writesArrivedNanos[writes++] = arrivedNanos;
      }
    } else if (reads < SAMPLES_PER_TURN_MAX) {
      readsArrivedNanos[reads++] = arrivedNanos;
    }
  }

  void turnEnded(long nowNanos) {
    for (int i = 0; i < writes; i++) {
      writeTimer.record(nowNanos - writesArrivedNanos[i], TimeUnit.NANOSECONDS);
    }
    for (int i = 0; i < reads; i++) {
      readTimer.record(nowNanos - readsArrivedNanos[i], TimeUnit.NANOSECONDS);
    }
    writes = 0;
    reads = 0;
  }

  private static int index(Kind kind, int outcome) {
    return kind.ordinal() * OUTCOMES + outcome;
  }

  private void register(int index, Kind kind, String outcome) {
    registered[index] = true;
    FunctionCounter.builder("quorate.server.requests", counts, array -> array.get(index))
        .description(
            "Requests answered, by kind and outcome (ok, or the error code in lower case).")
        .tags(tags)
        .tag("kind", kind.name().toLowerCase(Locale.ROOT))
        .tag("outcome", outcome)
        .register(registry);
  }

  private static Kind kindOf(ClientMessage request) {
    if (request instanceof ClientMessage.Read read) {
      return kindOf(read.op());
    }
    if (request instanceof ClientMessage.Write write) {
      return kindOf(write.op());
    }
    if (request instanceof ClientMessage.Sync) {
      return Kind.SYNC;
    }
    if (request instanceof ClientMessage.CloseSession) {
      return Kind.CLOSE_SESSION;
    }
    return request instanceof ClientMessage.Auth ? Kind.AUTH : Kind.WATCH;
  }

  private static Kind kindOf(ReadOp op) {
    if (op instanceof ReadOp.Get) {
      return Kind.GET;
    }
    if (op instanceof ReadOp.Exists) {
      return Kind.EXISTS;
    }
    return op instanceof ReadOp.Children ? Kind.CHILDREN : Kind.OTHER_READ;
  }

  private static Kind kindOf(WriteOp op) {
    return switch (op.kind()) {
      case CREATE -> Kind.CREATE;
      case DELETE -> Kind.DELETE;
      case SET_DATA -> Kind.SET;
      case CHECK_VERSION, CHECK_CZXID -> Kind.CHECK;
      case SET_ACL -> Kind.SET_ACL;
      case SET_EXPIRY -> Kind.SET_EXPIRY;
      case MULTI -> Kind.MULTI;
      default -> Kind.OTHER_READ;
    };
  }
}
