package io.quorate.server.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The few operations on files that storage is built from, so that real files and simulated disks
 * are interchangeable.
 *
 * <p>Names are relative to the data directory, components separated by {@code /}. Nothing is
 * durable before it is synced: data by {@link File#sync}, creation, renaming and deletion by {@link
 * #syncDirectory} of the parent. Until then any subset of the unsynced effects may survive a crash,
 * in any order.
 */
public interface Disk {
  boolean exists(String name) throws IOException;

  /**
   * Names (not paths) in a directory, in no particular order; empty if the directory does not
   * exist.
   */
  List<String> list(String directory) throws IOException;

  /** Makes a directory and its missing parents. */
  void createDirectory(String name) throws IOException;

  /** Opens an existing file for reading and writing. */
  File open(String name) throws IOException;

  /** Creates a new, empty file; fails if it exists. */
  File create(String name) throws IOException;

  /** Replaces {@code to} atomically, if it exists. */
  void rename(String from, String to) throws IOException;

  void delete(String name) throws IOException;

  void syncDirectory(String name) throws IOException;

  /** Bytes that can still be written; {@link Long#MAX_VALUE} if not known. */
  long usableBytes() throws IOException;

  /**
   * An open file. Not thread-safe, except that {@link #read} may run beside {@link #write} of other
   * offsets.
   */
  interface File extends AutoCloseable {
    long length() throws IOException;

    /**
     * Reads up to the remaining bytes of {@code into} at {@code offset}; returns how many, 0 at or
     * past the end.
     */
    int read(long offset, ByteBuffer into) throws IOException;

    /** Writes all remaining bytes of {@code from} at {@code offset}. */
    void write(long offset, ByteBuffer from) throws IOException;

    void truncate(long length) throws IOException;

    /**
     * Makes content and length durable. A failure is final: the pages may be gone, a repetition may
     * lie (R16).
     */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
  }
}
