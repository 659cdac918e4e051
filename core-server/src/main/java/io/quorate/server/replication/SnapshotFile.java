package io.quorate.server.replication;

/**
 * Which file of a snapshot: two with the same values are taken for the same bytes.
 *
 * @param zxid of the state in it
 * @param length bytes
 * @param checksum over the whole file
 */
public record SnapshotFile(long zxid, long length, int checksum) {}
