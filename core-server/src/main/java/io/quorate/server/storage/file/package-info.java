/**
 * Durable storage in files: promise, segmented log, snapshots, staged histories, and the offline
 * checker. The layout, drawn byte by byte, and the argument for each crash: {@code
 * docs/storage-format.md}.
 *
 * <p>Confined to the log thread, but for the snapshot being written or read by the snapshot thread.
 * Everything goes through a {@link io.quorate.server.storage.Disk}; only {@link
 * io.quorate.server.storage.file.RealDisk} knows real files. Nothing is cached as durable that was
 * not synced, and the first failure is the last: storage refuses everything afterwards.
 *
 * <p>Starting points: {@link io.quorate.server.storage.file.FileStorage}, {@link
 * io.quorate.server.storage.file.Verdict} (what damage means), {@link
 * io.quorate.server.storage.file.StoreChecker}.
 */
@NullMarked
package io.quorate.server.storage.file;

import org.jspecify.annotations.NullMarked;
