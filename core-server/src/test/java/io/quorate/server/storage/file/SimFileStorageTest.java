package io.quorate.server.storage.file;

import io.quorate.server.storage.Disk;

/** The contract on a simulated disk. */
class SimFileStorageTest extends FileStorageContract {
  @Override
  Disk disk() {
    return bench.disk;
  }
}
