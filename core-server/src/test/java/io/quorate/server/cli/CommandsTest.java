package io.quorate.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.client.Created;
import io.quorate.client.QuorateClient;
import io.quorate.data.ErrorCode;
import io.quorate.protocol.NativeCodec;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.server.embedded.EmbeddedEnsemble;
import io.quorate.server.embedded.QuorateEnsemble;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: what scripts rely on: output, exit codes, one line per failure. Method: in this JVM. */
@QuorateEnsemble(servers = 1)
class CommandsTest {
  private static final String NOBODY = "127.0.0.1:1";

  private final EmbeddedEnsemble ensemble;
  private final String connect;

  CommandsTest(EmbeddedEnsemble ensemble) {
    this.ensemble = ensemble;
    this.connect = ensemble.connectString();
  }

  @Test
  void znode_isCreatedReadChangedListedAndRemoved() {
    assertThat(run("create", "/c", "one").out()).isEqualTo("/c\n");
    assertThat(run("get", "/c").out()).isEqualTo("one\n");
    assertThat(run("set", "/c", "two").out()).isEqualTo("version = 1\n");
    assertThat(run("set", "--version", "1", "/c", "three").out()).isEqualTo("version = 2\n");
    assertThat(run("get", "--raw", "/c").out()).isEqualTo("three");
    assertThat(run("create", "-q", "/c/s").out()).isEqualTo("/c/s0000000000\n");
    assertThat(run("create", "/c/a").out()).isEqualTo("/c/a\n");
    assertThat(run("ls", "/c").out()).isEqualTo("a\ns0000000000\n");
    assertThat(run("ls", "-s", "/c").out())
        .startsWith("a\ns0000000000\n\nczxid = 0x")
        .endsWith("dataLength = 5\nnumChildren = 2\n");
    assertThat(run("rm", "/c/a").exitCode()).isZero();
    assertThat(run("ls", "/c").out()).isEqualTo("s0000000000\n");
  }

  @Test
  void ls_pagesLimitsAndDescends() {
    for (String path : new String[] {"/l", "/l/a", "/l/a/x", "/l/b", "/l/c"}) {
      run("create", path);
    }
    assertThat(run("ls", "--limit", "2", "/l").out()).isEqualTo("a\nb\n");
    assertThat(run("ls", "--limit", "2", "/l").err()).isEqualTo("more; go on with --after b\n");
    assertThat(run("ls", "--after", "b", "/l").out()).isEqualTo("c\n");
    assertThat(run("ls", "-R", "/l").out()).isEqualTo("/l\n/l/a\n/l/a/x\n/l/b\n/l/c\n");
    assertThat(run("ls", "-R", "--limit", "3", "/l").out()).isEqualTo("/l\n/l/a\n/l/a/x\n");
    assertThat(run("ls", "-R", "--stat", "/l/a").out())
        .startsWith("/l/a\n/l/a/x\n\nczxid = 0x")
        .endsWith("numChildren = 1\n");
    assertThat(run("stat", "/l").out()).startsWith("czxid = 0x").endsWith("numChildren = 3\n");
  }

  @Test
  void rmRecursive_deletesManyInBatches() throws InterruptedException {
    int count = 700;
    try (QuorateClient client = QuorateClient.builder(connect).build()) {
      client.blocking().create("/r", null);
      client.blocking().create("/r/deep", null);
      List<CompletableFuture<Created>> creates = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        creates.add(client.create((i % 2 == 0 ? "/r/" : "/r/deep/") + i, null));
      }
      for (CompletableFuture<Created> create : creates) {
        client.blocking().await(create);
      }
    }
    CommandRun removal = run("rm", "-r", "/r");
    assertThat(removal.exitCode()).as(removal.err()).isZero();
    assertThat(removal.out()).isEmpty();
    assertThat(removal.err()).isEqualTo("deleted " + (count + 2) + "\n");
    assertThat(run("stat", "/r").exitCode()).isEqualTo(ExitCodes.NO);
    assertThat(run("rm", "-r", "/r").err()).isEqualTo("quorate rm: delete /r: no such znode\n");
  }

  @Test
  void accessAndQuotas_areSetAndShown() {
    assertThat(run("--auth", "digest:ann:1", "create", "--acl", "auth::cdrwa", "/acl").exitCode())
        .isZero();
    assertThat(run("get", "/acl").exitCode()).isEqualTo(ExitCodes.NO);
    assertThat(run("get-acl", "/acl", "--auth", "digest:ann:1").out())
        .matches("digest:ann:\\S+:cdrwa\n");
    assertThat(run("set-acl", "/acl", "world:anyone:cdrwa", "--auth", "digest:ann:1").out())
        .isEqualTo("aversion = 1\n");
    assertThat(run("whoami", "--auth", "digest:ann:1").out()).contains("ip:127.0.0.1\n", "ann");
    assertThat(run("whoami", "--auth", "magic:1").exitCode()).isEqualTo(ExitCodes.NO);

    run("create", "/quota");
    assertThat(run("quota", "set", "--count-hard", "2", "/quota").exitCode()).isZero();
    assertThat(run("create", "/quota/a").exitCode()).isZero();
    assertThat(run("create", "/quota/b").err()).contains("a limit would be exceeded");
    assertThat(run("quota", "ls").out()).containsPattern("- +2 +- +- +2 +0 +/quota\n");
    assertThat(run("quota", "rm", "/quota").exitCode()).isZero();
    assertThat(run("create", "/quota/b").exitCode()).isZero();
    assertThat(run("quota", "ls", "/quota").exitCode()).isEqualTo(ExitCodes.NO);
    assertThat(run("count", "/quota").out()).isEqualTo("2\n");
  }

  @Test
  void connect_isTakenBeforeOrAfterTheCommand() {
    assertThat(CommandRun.of(NOBODY, "--connect", connect, "sync").exitCode()).isZero();
    assertThat(CommandRun.of(NOBODY, "sync", "--connect", connect).exitCode()).isZero();
    CommandRun both =
        CommandRun.of(NOBODY, "--connect", "127.0.0.1:1", "sync", "--connect", connect);
    assertThat(both.exitCode()).as("the one after the command wins").isZero();
  }

  @Test
  void data_comesFromStandardInputAsItIs() {
    CommandRun.withInput("line\nline\n", connect, "create", "--file", "-", "/stdin");

    assertThat(run("get", "--raw", "/stdin").out()).isEqualTo("line\nline\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
              get /none                       | 1  | get /none: no such znode
              rm /none                        | 1  | delete /none: no such znode
              create /quorate-x/y             | 1  | no parent to create it in
              get relative                    | 64 | a path starts with /
              get                             | 64 | Missing required parameter
              set /                           | 64 | DATA or --file is missing
              set / a --file -                | 64 | data is given twice
              set / --file /no/such/file      | 64 | /no/such/file
              stat /none                      | 1  | stat /none: no such znode
              rm -r /none                     | 1  | delete /none: no such znode
              rm -r /                         | 64 | would delete everything
              rm -r --version 1 /a            | 64 | --version does not go with -r
              ls --limit 0 /                  | 64 | --limit: expected 1 or more
              ls -R --after a /               | 64 | --after does not go with -R
              create -e --container /x        | 64 | at most one of -e
              create --ttl 1 /x               | 64 | a duration with its unit
              create --acl world:anyone:z /x  | 64 | expected permissions out of cdrwa, found "z"
              set-acl / nobody                | 64 | expected SCHEME:ID:PERMISSIONS, found "nobody"
              quota                           | 64 | a command of quota is missing
              quota set /                     | 64 | a limit is missing
              quota set --count-hard -7 /     | 64 | --count-hard: expected 0 or more
              sync --auth pass-word           | 64 | --auth: expected SCHEME:CREDENTIAL
              sync --auth-file /no/such/file  | 69 | /no/such/file
          get / --timeout soon            | 64 | a duration with its unit
              frobnicate                      | 64 | 'frobnicate'
              ls / --connect 127.0.0.1:1 --timeout 200ms | 69 | 127.0.0.1:1
              check /no/such/directory        | 2  | /no/such/directory
              ensemble --dir x --observers 9  | 64 | --observers: expected 0 to 6 beside 3 servers
              server --config /no/such/file   | 78 | none of that name
          """)
  void failure_isToldInOneLineWithItsExitCode(String line, int exitCode, String told) {
    CommandRun run = run(line.split(" "));

    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(told).doesNotContain("\tat ");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
  }

  @ParameterizedTest
  @CsvSource({
    "INSUFFICIENT_SPACE, 1",
    "OVERLOADED, 1",
    "UNIMPLEMENTED, 1",
    "NOT_SERVING, 69",
  })
  void refusedOpening_isToldInTheServersWords(ErrorCode code, int exitCode) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> refuseAll(socket, code), "refuses");
      server.start();
      CommandRun run =
          CommandRun.of("127.0.0.1:" + socket.getLocalPort(), "get", "/a", "--timeout", "500ms");

      assertThat(run.err())
          .contains("get /a: no session within 500 ms: 127.0.0.1:")
          .contains(" answers " + code + ": because of the test")
          .doesNotContain("no answer")
          .hasLineCount(1);
      assertThat(run.exitCode()).isEqualTo(exitCode);
    }
  }

  /** Until the socket is closed. */
  private static void refuseAll(ServerSocket socket, ErrorCode code) {
    byte[] body = NativeCodec.encode(new ServerMessage.Refused(code, "because of the test"));
    while (!socket.isClosed()) {
      try (Socket client = socket.accept()) {
        // The magic, the length, and then the whole opening: closed earlier, it would be a reset.
        DataInputStream in = new DataInputStream(client.getInputStream());
        in.readInt();
        in.readNBytes(in.readInt());
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        out.writeInt(body.length);
        out.write(body);
        out.flush();
        client.shutdownOutput();
        assertThat(in.read()).isEqualTo(-1);
      } catch (IOException e) {
        // It is the next one's turn.
      }
    }
  }

  @Test
  void verbose_showsTheStack() {
    assertThat(run("get", "/none", "--verbose").err()).contains("\tat io.quorate");
  }

  @Test
  void watch_printsALinePerEventUntilItIsStopped() throws InterruptedException {
    CommandRun watch = CommandRun.begin(connect, "watch", "/watched");
    ensemble.await("the watch", () -> watch.err().contains("watching"));
    run("create", "/watched");
    run("set", "/watched", "x");
    run("rm", "/watched");
    ensemble.await("three events", () -> watch.out().lines().count() == 3);

    assertThat(watch.stop().exitCode()).isZero();
    assertThat(watch.out())
        .matches(
            "0x\\p{XDigit}+ CREATED /watched\n"
                + "0x\\p{XDigit}+ DATA_CHANGED /watched\n"
                + "0x\\p{XDigit}+ DELETED /watched\n");
  }

  @Test
  void ephemeral_livesAsLongAsItsCommand() throws InterruptedException {
    CommandRun create = CommandRun.begin(connect, "create", "-e", "/ephemeral");
    ensemble.await("the znode", () -> create.out().equals("/ephemeral\n"));
    assertThat(run("get", "/ephemeral").exitCode()).isZero();

    assertThat(create.stop().exitCode()).isZero();
    assertThat(run("get", "/ephemeral").exitCode()).isEqualTo(ExitCodes.NO);
  }

  @Test
  void status_showsEachServerAndTellsWhetherALeaderServes() {
    CommandRun all = run("status");
    assertThat(all.out()).containsPattern(connect + " +1 +leader +\\d+ +yes +0x");
    assertThat(all.exitCode()).isZero();

    CommandRun some = CommandRun.of(connect + "," + NOBODY, "status", "--timeout", "500ms");
    assertThat(some.out().lines().toList().get(2)).startsWith(NOBODY).contains("unreachable: ");
    assertThat(some.out()).contains(NOBODY + " does not answer: ");
    assertThat(some.exitCode()).isEqualTo(ExitCodes.NO);

    CommandRun json = CommandRun.of(NOBODY, "--connect", connect, "status", "--json");
    assertThat(json.out())
        .startsWith("{\"servers\":[{\"serverId\":1,\"role\":\"leader\"")
        .contains("\"serving\":true")
        .endsWith("\"alarms\":[]}\n");
    assertThat(json.exitCode()).isZero();

    CommandRun none = CommandRun.of(NOBODY, "status", "--timeout", "500ms");
    assertThat(none.out()).endsWith("no leader serves\n");
    assertThat(none.exitCode()).isEqualTo(ExitCodes.NO);
  }

  @Test
  void check_tellsSoundFromDamaged(@TempDir Path directory) throws IOException {
    EmbeddedEnsemble.builder().servers(1).directory(directory).start().close();
    String data = directory.resolve("server-1").toString();
    CommandRun parent = run("check", directory.toString());
    assertThat(parent.err())
        .contains("is no data directory: superblock, identity and history-N expected")
        .contains("server-1");
    assertThat(parent.exitCode()).isEqualTo(ExitCodes.UNREADABLE);
    CommandRun sound = run("check", data);
    assertThat(sound.out()).endsWith("sound\n");
    assertThat(sound.exitCode()).isZero();

    Files.write(directory.resolve("server-1/superblock"), new byte[8192]);
    CommandRun damaged = run("check", data);
    assertThat(damaged.out()).contains("finding: superblock").endsWith("NOT SOUND\n");
    assertThat(damaged.exitCode()).isEqualTo(ExitCodes.NO);
  }

  @Test
  void checkConfig_printsEverySetting(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("q.conf");
    Files.writeString(file, "server.id = 1\ndata.dir = d\nensemble.servers = 1@127.0.0.1:2888\n");

    assertThat(run("server", "--config", file.toString(), "--check-config").out())
        .contains("data.dir = " + directory.resolve("d"))
        .contains("client.port = 2181");
  }

  private CommandRun run(String... args) {
    return CommandRun.of(connect, args);
  }
}
