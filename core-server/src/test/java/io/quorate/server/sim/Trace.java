package io.quorate.server.sim;

import io.quorate.server.base.XxHash64;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What happened, as numbers: each event is hashed into one running value, so that two runs can be
 * compared by 64 bits; and printed, if asked for.
 */
final class Trace {
  /** Kinds of events; the letter opens the line. The ordinal is hashed. */
  enum Kind {
    /** A server's process starts; a = life. */
    START('S'),
    /** A server's process dies; a = life. */
    DEATH('X'),
    /** A server's role, epoch or leader changed; a = epoch, b = leader, text = role. */
    ROLE('R'),
    /** A message of a peer arrives; a = from, b = length. */
    PEER('p'),
    /** A link between servers goes up or down at one side; a = peer, b = 1 for up. */
    LINK('l'),
    /** Storage did a batch of work; a = number of effects, b = disk operations so far. */
    DISK('d'),
    /** A server's durable log ends here; a = zxid, b = chain hash. */
    DURABLE('D'),
    /** A leader declared committed for the first time; a = zxid, b = chain hash. */
    COMMIT('C'),
    /** A server applied up to here; a = zxid, b = digest. */
    APPLY('A'),
    /** A client's connection at its own side: a = server, b = 1 open, 0 closed. */
    CONNECTION('c'),
    /** A client calls; a = number of the call, text = the operation. */
    CALL('>'),
    /** A client is answered; a = number of the call, b = zxid, text = the answer. */
    ANSWER('<'),
    /** A watch fires at a client; a = watch, b = zxid. */
    EVENT('w'),
    /** A client's session state changes; a = session. */
    SESSION('s'),
    /** A fault is injected; text = what. */
    FAULT('!'),
    /** The run enters a phase; a = number. */
    PHASE('='),
    /** For the reader only: not hashed. */
    NOTE('#');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }
  }

  private final @Nullable PrintStream out;
  private long hash = 0x51D0;
  private long count;

  /**
   * @param out where to print each event; null for nowhere
   */
  Trace(@Nullable PrintStream out) {
    this.out = out;
  }

  /** Whether events are printed: callers make texts only then. */
  boolean isPrinted() {
    return out != null;
  }

  void add(long timeNanos, Kind kind, int who, long a, long b) {
    add(timeNanos, kind, who, a, b, "");
  }

  void add(long timeNanos, Kind kind, int who, long a, long b, String text) {
    if (kind != Kind.NOTE) {
      count++;
      hash = XxHash64.mix(timeNanos, hash);
      hash = XxHash64.mix(kind.ordinal() << 16 | who, hash);
      hash = XxHash64.mix(a, hash);
      hash = XxHash64.mix(b, hash);
    }
    if (out != null) {
      String name = who == 0 ? "-" : who < SimConfig.CLIENT_ID_BASE ? "n" + who : "c" + who;
      out.println(
          String.format(
              Locale.ROOT,
              "%13.6f %c %-4s %-10s %x %x %s",
              timeNanos / 1e9,
              kind.letter,
              name,
              kind,
              a,
              b,
              text));
    }
  }

  long hash() {
    return hash;
  }

  /** Number of hashed events. */
  long count() {
    return count;
  }

  /** What the columns and letters mean, for {@code --log full}. */
  static String legend() {
    return "legend: seconds | letter | n<server> or c<client> | kind | a | b (hexadecimal) | text\n"
        + "  S start a=life · X death a=life · R role a=epoch b=leader · p peer message a=from"
        + " b=bytes · l link a=peer b=1 up\n"
        + "  d storage batch a=effects b=disk operations · D durable a=zxid b=hash · C first"
        + " declared committed a=zxid b=hash · A applied a=zxid b=digest\n"
        + "  c client connection a=server b=1 open · > call a=number · < answer a=number b=zxid · w"
        + " watch fired a=watch b=zxid · s session a=id\n"
        + "  ! fault injected · = phase · # note (not hashed)";
  }
}
