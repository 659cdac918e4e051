package io.quorate.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.base.NodeClock;
import io.quorate.server.node.NodeStatus;
import io.quorate.server.node.RealClock;
import io.quorate.server.transport.EventLoops;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: probes and people are answered, whatever they send and whatever the node does. Method: raw
 * sockets against the port.
 */
class AdminServerTest {
  private static final String LOOPBACK = "127.0.0.1";

  private final NodeClock clock = new RealClock();
  private final EventLoops loops = EventLoops.start("admin-test", 1);
  private final List<AdminServer> servers = new ArrayList<>();

  /** What the node showed last; its thread may be long dead. */
  private volatile NodeStatus picture = Pictures.serving().at(clock.monotonicNanos()).build();

  @AfterEach
  void close() {
    servers.forEach(AdminServer::close);
    loops.close();
  }

  private InetSocketAddress start(AdminServer.Options options, @Nullable Supplier<String> metrics) {
    AdminServer server = new AdminServer(options, loops);
    servers.add(server);
    InetSocketAddress address = server.bind();
    server.start(
        new AdminPages(() -> picture, () -> 0, clock, new Health(Health.Bounds.DEFAULT), metrics));
    return address;
  }

  private InetSocketAddress start() {
    return start(AdminServer.Options.of(LOOPBACK, 0), () -> "a_total 1.0\n");
  }

  /** All that comes back until the server closes. */
  private static String exchange(InetSocketAddress address, String request) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return rest(socket);
    }
  }

  private static String rest(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private static String get(InetSocketAddress address, String path) throws IOException {
    return exchange(address, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /live, 200, live",
    "GET, /ready, 200, ready",
    "GET, /metrics, 200, a_total 1.0",
    "GET, /live?verbose, 200, live",
    "GET, /, 404, 'there are /live, /ready, /metrics and /status'",
    "GET, /liveness, 404, there are",
    "POST, /live, 405, expected GET or HEAD",
    "DELETE, /nowhere, 405, expected GET or HEAD",
  })
  void request_isAnswered(String method, String path, int code, String body) throws IOException {
    String answer = exchange(start(), method + " " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 " + code + " ");
    assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4)).startsWith(body);
    assertThat(answer).containsIgnoringCase("connection: close");
    assertThat(answer.contains("allow: GET, HEAD")).isEqualTo(code == 405);
  }

  @Test
  void head_getsTheHeadersOnly() throws IOException {
    String answer = exchange(start(), "HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("content-length: 5");
    assertThat(answer).endsWith("\r\n\r\n");
  }

  @Test
  void status_isTheSamePictureAsJson() throws IOException {
    assertThat(get(start(), "/status"))
        .contains("content-type: application/json")
        .contains("\"serverId\":1,\"role\":\"follower\",\"leaderId\":3,\"epoch\":5")
        .contains("\"appliedZxid\":\"0x500000064\"")
        .contains("\"digest\":\"fffffffffffffffe\"")
        .contains("\"reason\":\"\",\"alarm\":\"\"")
        .contains("\"peers\":[{\"serverId\":3,\"role\":\"voter\",\"linkUp\":true");
  }

  @Test
  void hangingNode_isSaidByLive() throws IOException {
    picture = Pictures.serving().at(clock.monotonicNanos() - TimeUnit.SECONDS.toNanos(60)).build();
    InetSocketAddress address = start();
    assertThat(get(address, "/live"))
        .startsWith("HTTP/1.1 503 ")
        .contains("the node thread has made no progress for 60");
    assertThat(get(address, "/ready")).startsWith("HTTP/1.1 503 ");
    assertThat(get(address, "/metrics")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void noRegistryForPrometheus_isSaid() throws IOException {
    assertThat(get(start(AdminServer.Options.of(LOOPBACK, 0), null), "/metrics"))
        .startsWith("HTTP/1.1 404 ");
  }

  @ParameterizedTest
  @CsvSource({"line, 431", "header, 431", "body, 413", "garbage, 400"})
  void largeOrBrokenRequest_isRefused(String what, int code) throws IOException {
    String request =
        switch (what) {
          case "line" -> "GET /" + "x".repeat(2_000) + " HTTP/1.1\r\nHost: x\r\n\r\n";
          case "header" -> "GET /live HTTP/1.1\r\nX: " + "x".repeat(10_000) + "\r\n\r\n";
          case "body" -> "GET /live HTTP/1.1\r\nContent-Length: 5000\r\n\r\n";
          default -> "\u0000\u0001 garbage\r\n\r\n";
        };
    assertThat(exchange(start(), request)).startsWith("HTTP/1.1 " + code + " ");
  }

  @Test
  void silentConnection_isClosedAtTheDeadline() throws IOException {
    InetSocketAddress address =
        start(new AdminServer.Options(LOOPBACK, 0, 8, Duration.ofMillis(50)), null);
    assertThat(exchange(address, "GET /live HT")).isEmpty();
  }

  @Test
  void connectionBeyondTheLimit_closesTheOldest() throws IOException {
    InetSocketAddress address =
        start(new AdminServer.Options(LOOPBACK, 0, 1, Duration.ofSeconds(20)), null);
    try (Socket first = new Socket(address.getAddress(), address.getPort())) {
      first.setSoTimeout(10_000);
      assertThat(exchange(address, "GET /live HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 200 ");
      assertThat(rest(first)).isEmpty();
    }
  }

  @Test
  void takenPort_isAClearError() throws IOException {
    InetSocketAddress address = start();
    AdminServer second =
        new AdminServer(
            AdminServer.Options.of(
                InetAddress.getLoopbackAddress().getHostAddress(), address.getPort()),
            loops);
    assertThatThrownBy(second::bind)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("admin port 127.0.0.1:" + address.getPort() + " can't be opened")
        .hasMessageContaining("admin.port = off");
  }
}
