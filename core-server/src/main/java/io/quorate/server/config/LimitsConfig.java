package io.quorate.server.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server takes on before it refuses; {@code docs/operations/limits.md} lists every limit.
 *
 * @param connectionsPerAddressMax of clients, at a time
 * @param handshakeTimeout until a connection has opened or attached a session or asked for the
 *     status
 * @param outboundBytesMax waiting for one client to read it
 * @param outboundTotalBytesMax the same for all clients together
 * @param memoryBudgetBytes what tree, sessions and waiting requests may take, as estimated
 * @param diskReserveBytes free space below which the server is low on disk; 0 for never
 * @param watchHistoryChangesMax changes remembered for watches that come from another server
 * @param watchHistoryBytesMax what these may take in memory, as estimated
 */
public record LimitsConfig(
    int connectionsPerAddressMax,
    Duration handshakeTimeout,
    int outboundBytesMax,
    long outboundTotalBytesMax,
    long memoryBudgetBytes,
    long diskReserveBytes,
    int watchHistoryChangesMax,
    long watchHistoryBytesMax) {

  public LimitsConfig {
    Ranges.require(ConfigKeys.CONNECTIONS_PER_ADDRESS_MAX, (long) connectionsPerAddressMax);
    Ranges.require(ConfigKeys.HANDSHAKE_TIMEOUT, handshakeTimeout);
    Ranges.require(ConfigKeys.OUTBOUND_BYTES_MAX, (long) outboundBytesMax);
    Ranges.require(ConfigKeys.OUTBOUND_TOTAL_BYTES_MAX, outboundTotalBytesMax);
    Ranges.require(ConfigKeys.MEMORY_BUDGET, memoryBudgetBytes);
    Ranges.require(ConfigKeys.DISK_RESERVE, diskReserveBytes);
    Ranges.require(ConfigKeys.WATCH_HISTORY_CHANGES_MAX, (long) watchHistoryChangesMax);
    Ranges.require(ConfigKeys.WATCH_HISTORY_BYTES_MAX, watchHistoryBytesMax);
  }

  /** What holds when the file says nothing. */
  public static LimitsConfig defaults() {
    return new LimitsConfig(
        ConfigKeys.CONNECTIONS_PER_ADDRESS_MAX.orDefault(null).intValue(),
        ConfigKeys.HANDSHAKE_TIMEOUT.orDefault(null),
        ConfigKeys.OUTBOUND_BYTES_MAX.orDefault(null).intValue(),
        ConfigKeys.OUTBOUND_TOTAL_BYTES_MAX.orDefault(null),
        budgetOrDefault(null),
        ConfigKeys.DISK_RESERVE.orDefault(null),
        ConfigKeys.WATCH_HISTORY_CHANGES_MAX.orDefault(null).intValue(),
        ConfigKeys.WATCH_HISTORY_BYTES_MAX.orDefault(null));
  }

  /** The budget as given, or the share of this process's heap that holds otherwise. */
  static long budgetOrDefault(@Nullable Long given) {
    return given != null
        ? given
        : Math.max(
            MEMORY_BUDGET_LEAST,
            Runtime.getRuntime().maxMemory() / 100 * ConfigKeys.MEMORY_BUDGET_HEAP_PERCENT);
  }

  private static final long MEMORY_BUDGET_LEAST = 8L << 20;

  /** A reserve that a few elections would use up is none. */
  static List<Contradiction> reserveContradictions(long reserveBytes, long segmentBytes) {
    long least = ConfigKeys.DISK_RESERVE_SEGMENTS_MIN * segmentBytes;
    if (reserveBytes == 0 || reserveBytes >= least) {
      return List.of();
    }
    return List.of(
        new Contradiction(
            ConfigKeys.DISK_RESERVE,
            "0B, or at least "
                + ConfigKeys.DISK_RESERVE_SEGMENTS_MIN
                + " times log.segment.bytes, which is "
                + ConfigKeys.DISK_RESERVE.type().print(least),
            ConfigKeys.DISK_RESERVE.type().print(reserveBytes)));
  }

  /** The same with another deadline and other bounds on what waits to be read. */
  public LimitsConfig withClients(Duration handshake, int outboundBytes, long outboundTotalBytes) {
    return new LimitsConfig(
        connectionsPerAddressMax,
        handshake,
        outboundBytes,
        outboundTotalBytes,
        memoryBudgetBytes,
        diskReserveBytes,
        watchHistoryChangesMax,
        watchHistoryBytesMax);
  }

  /** The same with another memory budget. */
  public LimitsConfig withMemoryBudget(long bytes) {
    return new LimitsConfig(
        connectionsPerAddressMax,
        handshakeTimeout,
        outboundBytesMax,
        outboundTotalBytesMax,
        bytes,
        diskReserveBytes,
        watchHistoryChangesMax,
        watchHistoryBytesMax);
  }

  /** The same with another disk reserve. */
  public LimitsConfig withDiskReserve(long bytes) {
    return new LimitsConfig(
        connectionsPerAddressMax,
        handshakeTimeout,
        outboundBytesMax,
        outboundTotalBytesMax,
        memoryBudgetBytes,
        bytes,
        watchHistoryChangesMax,
        watchHistoryBytesMax);
  }

  /** The same with another memory of changes for watches. */
  public LimitsConfig withWatchHistory(int changes, long bytes) {
    return new LimitsConfig(
        connectionsPerAddressMax,
        handshakeTimeout,
        outboundBytesMax,
        outboundTotalBytesMax,
        memoryBudgetBytes,
        diskReserveBytes,
        changes,
        bytes);
  }
}
