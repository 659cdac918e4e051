package io.quorate.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.base.FaultHandler;
import io.quorate.server.peer.PeerTransport;
import io.quorate.server.replication.Member;
import io.quorate.server.replication.Membership;
import io.quorate.server.replication.ReplicaConfig;
import io.quorate.server.request.ClientConnection;
import io.quorate.server.request.RequestLimits;
import io.quorate.server.storage.Storage;
import io.quorate.server.storage.file.FileStorage;
import io.quorate.server.storage.file.RealDisk;
import io.quorate.server.storage.file.StorageOptions;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One server in real time: three threads, real files, real fsync. */
@Timeout(60)
class NodeShellTest {
  private static final AtomicLong CONNECTIONS = new AtomicLong();

  @TempDir Path directory;

  private final CompletableFuture<Throwable> fault = new CompletableFuture<>();

  private final FaultHandler faults = (where, cause) -> fault.complete(cause);

  /** A server with a data directory; everything is closed together. */
  private final class Running implements AutoCloseable {
    private final RealDisk disk = RealDisk.open(directory);
    private final Storage storage;
    private final NodeShell shell;

    Running(SnapshotPolicy snapshots) {
      SecureRandom secure = new SecureRandom();
      storage = new FileStorage(disk, 1, StorageOptions.DEFAULT, text -> {});
      Membership alone = new Membership(0, List.of(new Member(1, true, 0, "localhost", 0)));
      NodeConfig config =
          new NodeConfig(1, 1 << 20, RequestLimits.forTimeouts(2_000, 60_000), snapshots);
      shell =
          new NodeShell(
              config,
              ReplicaConfig.defaults(1, alone),
              storage,
              new RealClock(),
              secure::nextLong,
              faults,
              NodeObserver.NONE,
              Applier.TRUE);
      shell.start(new NoPeers());
    }

    void awaitServing() {
      while (!shell.status().serving()) {
        Thread.onSpinWait();
      }
    }

    void kill() {
      shell.kill();
      closeStorage();
    }

    @Override
    public void close() {
      shell.close();
      closeStorage();
    }

    private void closeStorage() {
      storage.close();
      disk.close();
    }
  }

  private static final class NoPeers implements PeerTransport {
    @Override
    public void send(int peer, byte[] body) {}

    @Override
    public void flush() {}

    @Override
    public void reset(int peer, String reason) {}
  }

  /** A client whose messages come on the node thread and are waited for on the test's. */
  private static class Client implements ClientConnection {
    private final long id = CONNECTIONS.incrementAndGet();
    private final BlockingQueue<ServerMessage> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Boolean> closed = new CompletableFuture<>();
    private final Running server;

    Client(Running server) {
      this.server = server;
      server.shell.clientInbox().opened(this);
    }

    void send(ClientMessage message) {
      server.shell.clientInbox().received(this, message, 1);
    }

    <T extends ServerMessage> T next(Class<T> type) throws InterruptedException {
      ServerMessage message = received.poll(30, TimeUnit.SECONDS);
      assertThat(message).isInstanceOf(type);
      return type.cast(message);
    }

    @Override
    public long id() {
      return id;
    }

    @Override
    public String hostAddress() {
      return "127.0.0.1";
    }

    @Override
    public String remoteAddress() {
      return "test";
    }

    @Override
    public void send(ServerMessage message) {
      received.add(message);
    }

    @Override
    public void taken(int bytes) {}

    @Override
    public void flush() {}

    @Override
    public void close() {
      closed.complete(true);
    }
  }

  private static WriteOp sequential() {
    return new WriteOp.Create("/q-", new byte[100], CreateMode.PERSISTENT_SEQUENTIAL);
  }

  @Test
  void acknowledgedWrites_surviveACloseAndAKill() throws Exception {
    ServerMessage.SessionOpened opened;
    try (Running server = new Running(new SnapshotPolicy(400, 1L << 40, 20))) {
      server.awaitServing();
      Client client = new Client(server);
      client.send(new ClientMessage.OpenSession(60_000, "shell test"));
      opened = client.next(ServerMessage.SessionOpened.class);
      for (int i = 1; i <= 1_000; i++) {
        client.send(new ClientMessage.Write(i, i, i - 1, sequential()));
        client.next(ServerMessage.Response.class);
      }
    }
    Running killed = new Running(SnapshotPolicy.defaults());
    killed.awaitServing();
    Client second = new Client(killed);
    second.send(new ClientMessage.AttachSession(opened.sessionId(), opened.secret(), 0));
    second.next(ServerMessage.SessionAttached.class);
    second.send(new ClientMessage.Write(1, 1_001, 1_000, sequential()));
    ServerMessage.Response answer = second.next(ServerMessage.Response.class);
    assertThat(((OpResult.Created) answer.result()).path()).isEqualTo("/q-0000001000");
    killed.kill();
    assertThat(second.closed).isNotDone();

    try (Running again = new Running(SnapshotPolicy.defaults())) {
      again.awaitServing();
      Client third = new Client(again);
      third.send(new ClientMessage.AttachSession(opened.sessionId(), opened.secret(), 0));
      third.next(ServerMessage.SessionAttached.class);
      third.send(new ClientMessage.Write(1, 1_001, 1_000, sequential()));
      assertThat(third.next(ServerMessage.Response.class).result()).isEqualTo(answer.result());
      third.send(new ClientMessage.Read(2, new ReadOp.Children("/", "q-", 10_000), 0, true));
      OpResult.ChildNames names =
          (OpResult.ChildNames) third.next(ServerMessage.Response.class).result();
      assertThat(names.names())
          .filteredOn(name -> name.startsWith("q-"))
          .hasSize(1_001)
          .doesNotHaveDuplicates();
    }
    assertThat(fault).isNotDone();
  }

  @Test
  void closingServer_tellsItsClients() throws Exception {
    Client client;
    try (Running server = new Running(SnapshotPolicy.defaults())) {
      server.awaitServing();
      client = new Client(server);
      client.send(new ClientMessage.OpenSession(60_000, "shell test"));
      client.next(ServerMessage.SessionOpened.class);
    }

    assertThat(client.next(ServerMessage.Refused.class).code()).isEqualTo(ErrorCode.CLOSING);
    assertThat(client.closed).isCompletedWithValue(true);
  }

  @Test
  void errorOnTheNodeThread_isFatalAndEndsItsTurns() throws Exception {
    try (Running server = new Running(SnapshotPolicy.defaults())) {
      server.awaitServing();
      Client broken =
          new Client(server) {
            @Override
            public void send(ServerMessage message) {
              throw new IllegalStateException("a transport must not throw");
            }
          };
      broken.send(new ClientMessage.StatusQuery(1));

      assertThat(fault.get(30, TimeUnit.SECONDS)).hasMessage("a transport must not throw");
    }
  }
}
