package io.quorate.samples.tour;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The thing that a lock protects: a store of its own that knows nothing of Quorate but one rule,
 * and keeps it: <em>a write with a token lower than the highest seen is refused</em>.
 *
 * <p>One line in, one line out, over TCP on loopback: {@code WRITE token writer value} is answered
 * {@code OK} or {@code REFUSED highest}; {@code STATS} is answered {@code STATS accepted refused
 * staleAccepted highest}. What a stale write is, is counted whether or not the rule is on, so that
 * switching it off ({@link FencedStoreMain}) shows.
 */
public final class FencedStore {
  private final boolean fencing;
  private long highest;
  private long accepted;
  private long refused;
  private long staleAccepted;

  FencedStore(boolean fencing) {
    this.fencing = fencing;
  }

  /** Answers at {@code server} for ever; a thread for each client. */
  void serve(ServerSocket server) throws IOException {
    while (true) {
      Socket client = server.accept();
      Thread thread = new Thread(() -> serve(client), "store-client");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void serve(Socket client) {
    try (client;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        Writer out = new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8)) {
      String line = in.readLine();
      while (line != null) {
        out.write(answer(line));
        out.write('\n');
        out.flush();
        line = in.readLine();
      }
    } catch (IOException e) {
      // A client that was killed: its connection ends like this.
      return;
    }
  }

  /** One request, one answer. */
  synchronized String answer(String line) {
    String[] words = line.split(" ", 4);
    switch (words[0]) {
      case "WRITE":
        return words.length == 4
            ? write(Long.parseLong(words[1]))
            : "ERROR expected WRITE token writer value";
      case "STATS":
        return "STATS " + accepted + " " + refused + " " + staleAccepted + " " + highest;
      default:
        return "ERROR expected WRITE or STATS, found " + words[0];
    }
  }

  private String write(long token) {
    boolean stale = token < highest;
    if (stale && fencing) {
      refused++;
      return "REFUSED " + highest;
    }
    highest = Math.max(highest, token);
    accepted++;
    staleAccepted += stale ? 1 : 0;
    return "OK";
  }

  /** One connection to a store, for one thread. */
  static final class Client implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;
    private final Writer out;

    Client(int port) {
      try {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException("no store at port " + port, e);
      }
    }

    /** Whether the store took it. */
    boolean write(long token, String writer, String value) {
      return ask("WRITE " + token + " " + writer + " " + value).equals("OK");
    }

    /** Accepted, refused, stale but accepted, highest token. */
    long[] stats() {
      String[] words = ask("STATS").split(" ");
      return new long[] {
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4])
      };
    }

    private String ask(String line) {
      try {
        out.write(line + "\n");
        out.flush();
        String answer = in.readLine();
        if (answer == null) {
          throw new IOException("the store closed the connection");
        }
        return answer;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
