package io.quorate.samples.tour;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Runs a {@link FencedStore}; with {@code --no-fencing} one that takes every token. */
public final class FencedStoreMain {
  private FencedStoreMain() {}

  /** Prints {@code READY port} and serves until standard input ends. */
  public static void main(String[] args) throws IOException {
    boolean fencing = args.length == 0 || !args[0].equals("--no-fencing");
    Orders.listen(order -> {}, () -> Runtime.getRuntime().halt(0));
    try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      System.out.println("READY " + server.getLocalPort());
      new FencedStore(fencing).serve(server);
    }
  }
}
