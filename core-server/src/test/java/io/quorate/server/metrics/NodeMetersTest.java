package io.quorate.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quorate.server.node.RealClock;
import io.quorate.server.replication.ReplicaStatus;
import io.quorate.server.replication.ReplicaStatus.Role;
import io.quorate.server.storage.file.RealDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: meters that nobody can work out from others. Method: what a node says, by hand. */
class NodeMetersTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final NodeMeters meters = new NodeMeters(registry, new RealClock(), 1, List.of(2, 3));

  private static ReplicaStatus status(Role role, int leader) {
    return new ReplicaStatus(1, role, leader, 7, false, 0, 0, 0);
  }

  private double count(String name) {
    return registry.get("quorate.server.elections." + name).counter().count();
  }

  @Test
  void elections_areWonOrLostOnceEach() {
    meters.electionBegan(1);
    meters.roleChanged(status(Role.LOOKING, 0), "");
    assertThat(count("lost")).as("not decided yet").isZero();
    meters.electionBegan(2);
    assertThat(count("lost")).as("it stands anew").isEqualTo(1);
    meters.roleChanged(status(Role.LEADER, 1), "");
    assertThat(count("won")).isEqualTo(1);

    meters.roleChanged(status(Role.LOOKING, 0), "");
    meters.electionBegan(3);
    meters.roleChanged(status(Role.FOLLOWER, 2), "");
    meters.roleChanged(status(Role.FOLLOWER, 3), "");

    assertThat(count("lost")).isEqualTo(2);
    assertThat(count("won")).isEqualTo(1);
  }

  @Test
  void files_countLogAndSnapshotsOfAllHistories(@TempDir Path directory) throws IOException {
    write(directory, "history-1/log-0000000000000000.seg", 100);
    write(directory, "history-1/log-0000000000000005.seg", 10);
    write(directory, "history-1/snap-0000000000000005.snap", 7);
    write(directory, "history-1/snap-0000000000000006.snap.tmp", 1000);
    write(directory, "history-2/log-0000000000000009.seg", 1);
    write(directory, "superblock", 8192);
    meters.registerFiles(
        () -> RealDisk.logBytes(directory), () -> RealDisk.snapshotBytes(directory));

    assertThat(used("log")).isEqualTo(111);
    assertThat(used("snapshots")).isEqualTo(7);
    assertThat(RealDisk.logBytes(directory.resolve("none"))).isEqualTo(-1);
  }

  private double used(String what) {
    return registry.get("quorate.server.disk.used").tag("what", what).gauge().value();
  }

  private static void write(Path directory, String name, int bytes) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[bytes]);
  }
}
