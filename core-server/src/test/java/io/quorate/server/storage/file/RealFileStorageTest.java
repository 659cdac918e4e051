package io.quorate.server.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quorate.server.storage.Disk;
import io.quorate.server.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on real files, and what only they have. */
class RealFileStorageTest extends FileStorageContract {
  @TempDir Path directory;
  private RealDisk disk;

  @BeforeEach
  void open() {
    disk = RealDisk.open(directory.resolve("data"));
  }

  @AfterEach
  void close() {
    storage.close();
    disk.close();
  }

  @Override
  Disk disk() {
    return disk;
  }

  @Test
  void directoryInUse_isRefusedToASecondServer() {
    assertThatThrownBy(() -> RealDisk.open(directory.resolve("data")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("in use");
  }

  @Test
  void directory_isForItsOwnerAlone() throws IOException {
    assertThat(Files.getPosixFilePermissions(directory.resolve("data")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void nameOutsideTheDirectory_isRefused() {
    assertThatThrownBy(() -> disk.open("../other")).isInstanceOf(StorageException.class);
    assertThatThrownBy(() -> disk.create("/tmp/other")).isInstanceOf(StorageException.class);
  }

  @Test
  void readOnlyDisk_changesNothing() throws IOException {
    start();
    Disk readOnly = RealDisk.openReadOnly(directory.resolve("data"));
    assertThatThrownBy(() -> readOnly.create("x")).hasMessageContaining("reading only");
    assertThatThrownBy(() -> readOnly.delete("superblock")).hasMessageContaining("reading only");
    try (Disk.File file = readOnly.open("superblock")) {
      assertThatThrownBy(() -> file.truncate(0)).hasMessageContaining("reading only");
      assertThat(file.length()).isPositive();
    }
  }
}
