package io.quorate.server.sim;

import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.ProtocolException;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.request.ClientConnection;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of clients: first in, first out, as bytes; each direction between a client and a
 * server can be blocked; a server that dies may do so without a word.
 */
final class ClientNetwork {
  /** Where all clients are. */
  static final String HOST = "127.0.0.1";

  private final World world;
  private final SimConfig config;
  private final Xoshiro256 random;
  private final Machine[] machines;
  private final List<Connection> connections = new ArrayList<>();
  private final int[][] toServer;
  private final int[][] toClient;
  private long nextId = 1;

  /** What a client hears of a connection of its own. */
  interface Listener {
    void opened();

    void received(byte[] bytes);

    void closed(String reason);
  }

  /** One connection, seen from both sides. */
  final class Connection implements ClientConnection {
    private final long id = nextId++;
    private final int client;
    private final int server;
    private final Listener listener;
    private final List<byte[]> queued = new ArrayList<>();
    private long serverLife;
    private boolean serverOpen;
    private boolean clientOpen = true;
    private @Nullable Pipe up;
    private @Nullable Pipe down;

    /** The session that its server has bound to it; 0 for none. */
    private long session;

    Connection(int client, int server, Listener listener) {
      this.client = client;
      this.server = server;
      this.listener = listener;
    }

    private Machine machine() {
      return machines[server];
    }

    private boolean blockedUp() {
      return toServer[client][server] > 0;
    }

    private boolean blockedDown() {
      return toClient[client][server] > 0;
    }

    private long delay() {
      return random.around(config.networkDelayNanos());
    }

    /** The first packet arrives at the server. */
    private void dialled() {
      if (blockedUp() || blockedDown()) {
        return; // lost: the client gives up by itself
      }
      if (!machine().isUp()) {
        world.after(delay(), () -> endAtClient("connection refused"));
        return;
      }
      serverLife = machine().life();
      serverOpen = true;
      up =
          new Pipe(
              world,
              this::delay,
              this::blockedUp,
              new Pipe.Sink() {
                @Override
                public void message(byte[] bytes) {
                  arrivedAtServer(bytes);
                }

                @Override
                public void end() {
                  endAtServer();
                }
              });
      down =
          new Pipe(
              world,
              this::delay,
              this::blockedDown,
              new Pipe.Sink() {
                @Override
                public void message(byte[] bytes) {
                  if (clientOpen) {
                    listener.received(bytes);
                  }
                }

                @Override
                public void end() {
                  endAtClient("connection closed by server");
                }
              });
      machine().clientOpened(this);
      world.after(
          delay(),
          () -> {
            if (clientOpen) {
              listener.opened();
            }
          });
    }

    private void arrivedAtServer(byte[] bytes) {
      if (!serverOpen || machine().life() != serverLife) {
        if (machine().isUp()) {
          endAtClient("connection reset by peer");
        }
        return;
      }
      try {
        ClientMessage message = NativeCodec.decodeClient(ByteBuffer.wrap(bytes));
        if (message instanceof ClientMessage.Write write && session != 0) {
          machine().writeArrived(session, write.number());
        }
        machine().clientReceived(this, message);
      } catch (ProtocolException e) {
        throw new Violation("Z13 OnlyLegalMessages", server, "client sent a bad one", e);
      }
    }

    private void endAtServer() {
      if (serverOpen) {
        serverOpen = false;
        queued.clear();
        if (machine().life() == serverLife) {
          machine().clientClosed(this);
        }
      }
    }

    private void endAtClient(String reason) {
      if (clientOpen) {
        clientOpen = false;
        connections.remove(this);
        listener.closed(reason);
        if (up != null) {
          up.end();
        }
      }
    }

    /** The client sends. */
    void sendToServer(byte[] bytes) {
      if (clientOpen && up != null) {
        up.send(bytes);
      }
    }

    /** The client closes its side: it hears nothing more of this connection. */
    void closeByClient() {
      if (clientOpen) {
        clientOpen = false;
        connections.remove(this);
        if (up != null) {
          up.end();
        }
        if (down != null) {
          down.close();
        }
      }
    }

    // --- the server's side

    @Override
    public long id() {
      return id;
    }

    @Override
    public String hostAddress() {
      return HOST;
    }

    @Override
    public String remoteAddress() {
      return "client-" + client;
    }

    @Override
    public void send(ServerMessage message) {
      machine().beforeEffect(serverLife);
      if (message instanceof ServerMessage.SessionOpened opened) {
        session = opened.sessionId();
      } else if (message instanceof ServerMessage.SessionAttached attached) {
        session = attached.sessionId();
      }
      if (serverOpen) {
        queued.add(NativeCodec.encode(message));
      }
    }

    @Override
    public void taken(int bytes) {}

    @Override
    public void flush() {
      machine().beforeEffect(serverLife);
      for (byte[] bytes : queued) {
        if (down != null) {
          down.send(bytes);
        }
      }
      queued.clear();
    }

    @Override
    public void close() {
      if (serverOpen) {
        flush();
        if (down != null) {
          down.end();
        }
        world.after(0, this::endAtServer);
      }
    }
  }

  ClientNetwork(World world, SimConfig config, Machine[] machines) {
    this.world = world;
    this.config = config;
    this.random = world.random("net/clients");
    this.machines = machines;
    toServer = new int[SimConfig.CLIENT_ID_BASE + 100][machines.length];
    toClient = new int[SimConfig.CLIENT_ID_BASE + 100][machines.length];
  }

  Connection connect(int client, int server, Listener listener) {
    Connection connection = new Connection(client, server, listener);
    connections.add(connection);
    world.after(connection.delay(), connection::dialled);
    return connection;
  }

  /** The process of a server died; {@code silently}: no client is told. */
  void died(int server, boolean silently) {
    for (Connection connection : List.copyOf(connections)) {
      if (connection.server == server && connection.serverOpen) {
        connection.serverOpen = false;
        connection.queued.clear();
        if (connection.down != null) {
          if (silently) {
            connection.down.dropNewest(random.below(connection.down.inFlight() + 1));
          } else {
            connection.down.end();
          }
        }
      }
    }
  }

  /** The network loses a connection; the newest messages both ways may be lost. */
  void cut(Connection connection) {
    if (connection.up != null && connection.down != null) {
      connection.up.dropNewest(random.below(connection.up.inFlight() + 1));
      connection.down.dropNewest(random.below(connection.down.inFlight() + 1));
      connection.down.end();
      if (random.chance(1, 2)) {
        connection.up.end();
      }
    }
  }

  void block(int client, int server, boolean out, boolean in) {
    toServer[client][server] += out ? 1 : 0;
    toClient[client][server] += in ? 1 : 0;
  }

  void unblock(int client, int server, boolean out, boolean in) {
    toServer[client][server] -= out ? 1 : 0;
    toClient[client][server] -= in ? 1 : 0;
    for (Connection connection : List.copyOf(connections)) {
      if (connection.client == client && connection.server == server) {
        if (connection.up != null) {
          connection.up.pump();
        }
        if (connection.down != null) {
          connection.down.pump();
        }
      }
    }
  }
}
