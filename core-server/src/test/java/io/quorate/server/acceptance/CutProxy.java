package io.quorate.server.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A way between clients and one server that can be cut like a cable: connections stay open, new
 * ones are accepted, and no byte gets through any more. Any thread.
 */
final class CutProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;

  private final ServerSocket listener;
  private final String host;
  private final int port;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private volatile boolean cut;

  /** To that address, {@code "host:port"}. */
  CutProxy(String address) throws IOException {
    int colon = address.lastIndexOf(':');
    host = address.substring(0, colon);
    port = Integer.parseInt(address.substring(colon + 1));
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run("accept", this::accept);
  }

  /** For clients. */
  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** From now on bytes vanish, in both directions. */
  void cut() {
    cut = true;
  }

  /** Connections that lost bytes are ended, as nobody could use them; new ones work. */
  void mend() {
    sockets.forEach(CutProxy::close);
    sockets.clear();
    cut = false;
  }

  /** Work on a socket, which ends by an exception when the socket is closed. */
  private interface SocketWork {
    void run() throws IOException;
  }

  private void run(String name, SocketWork work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                return; // closed, by one side or by us
              }
            },
            "proxy " + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listener.accept();
      sockets.add(client);
      try {
        Socket server = new Socket(host, port);
        sockets.add(server);
        run("to server", () -> pump(client, server));
        run("to client", () -> pump(server, client));
      } catch (IOException unreachable) {
        close(client);
      }
    }
  }

  private void pump(Socket from, Socket to) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      if (!cut) {
        out.write(buffer, 0, count);
      }
    }
    // A cut cable does not tell either that the other end hung up.
    if (!cut) {
      close(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      return; // as good as closed
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut = false;
    sockets.forEach(CutProxy::close);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
