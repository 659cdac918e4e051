/**
 * Ports of durable storage: what the log thread and the snapshot thread ask for, and the small disk
 * below it.
 *
 * <p>Interfaces, records and exceptions only. {@code storage.file} implements {@link
 * io.quorate.server.storage.Storage} over a {@link io.quorate.server.storage.Disk}; real files and
 * the simulator implement the disk.
 */
@NullMarked
package io.quorate.server.storage;

import org.jspecify.annotations.NullMarked;
