package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.client.InsufficientSpaceException;
import io.quorate.client.QuorateClient;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.transport.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whole servers on disks that get full hand over, refuse, and recover, and no process ends.
 *
 * <p>Method: three servers whose disks say how much can be written.
 */
class DiskReserveTest {
  /** Below the reserve of 512 MiB, above a quarter of it. */
  private static final long LOW = 200L << 20;

  @TempDir private Path directory;
  private final List<FaultyDisk> disks = new ArrayList<>();
  private Servers servers = new Servers(Path.of("unused"), StorageConfig.defaults());

  @BeforeEach
  void start() {
    servers = new Servers(directory, StorageConfig.defaults());
    for (int id = 1; id <= Servers.COUNT; id++) {
      servers.start(
          id,
          Servers.SECRET,
          disk -> {
            FaultyDisk faulty = new FaultyDisk(disk);
            disks.add(faulty);
            return faulty;
          });
    }
    servers.awaitServing();
  }

  @AfterEach
  void close() {
    servers.close();
  }

  @Test
  void leaderLowOnDisk_isReplaced_andAMajorityLowRefusesWhatGrows() throws InterruptedException {
    QuorateClient client = servers.client();
    client.blocking().create("/a", new byte[] {1});
    int leader = servers.leader();

    disks.get(leader - 1).sayUsable(LOW);
    int next = servers.awaitLeaderBut(leader);
    client.blocking().create("/b", null);

    disks.get(next - 1).sayUsable(LOW);
    Await.until(
        () -> "a refusal; found " + servers.describe(),
        () -> {
          try {
            client.blocking().set("/a", new byte[] {2});
            return false;
          } catch (InsufficientSpaceException e) {
            assertThat(e).hasMessageContaining("found " + LOW);
            return true;
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Await.until(
        () -> "the status says so; found " + servers.status(next).more(),
        () -> servers.status(next).more().shortage().startsWith("refuses what grows: "));
    assertThat(client.blocking().get("/a").data()).hasSize(1);
    client.blocking().delete("/b");
    assertThatThrownBy(() -> client.blocking().create("/c", null))
        .isInstanceOf(InsufficientSpaceException.class);

    disks.get(next - 1).sayUsable(Long.MAX_VALUE);
    Await.until(
        () -> "writes again; found " + servers.describe(),
        () -> {
          try {
            client.blocking().set("/a", new byte[] {3});
            return true;
          } catch (InsufficientSpaceException e) {
            return false;
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }
}
