package io.quorate.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Every setting there is: name, type, default and what it is for. {@code
 * docs/operations/configuration.md} is generated from this list and a test compares the two.
 *
 * <p>A setting is added here, in the record that carries it and in {@link ConfigParser}; nowhere
 * else is a name spelled out.
 */
public final class ConfigKeys {
  /** Fewer bytes than this could be guessed. */
  public static final int SECRET_BYTES_MIN = 16;

  /** Share of the largest heap that the state may take if nothing is said. */
  public static final int MEMORY_BUDGET_HEAP_PERCENT = 60;

  private static final String SERVER = "This server";
  private static final String ENSEMBLE = "The ensemble";
  private static final String CLIENTS = "Clients";
  private static final String STORAGE = "Log and snapshots";
  private static final String LIMITS = "Limits";
  private static final String TREE = "Znodes";

  /** A user, a colon, and the hash, which has 28 characters. */
  private static final int SUPER_DIGEST_BYTES_MIN = 30;

  public static final ConfigKey<Integer> SERVER_ID =
      required(
          "server.id",
          SERVER,
          ConfigType.serverId(),
          "Which of ensemble.servers this server is. Never give a used id to another machine.");

  public static final ConfigKey<Path> DATA_DIR =
      required(
          "data.dir",
          SERVER,
          ConfigType.path(),
          "Where log, snapshots and identity are kept; relative to the directory of this file."
              + " One server per directory, on a disk that keeps what it synced.");

  public static final ConfigKey<String> CLIENT_BIND =
      key(
          "client.bind",
          SERVER,
          ConfigType.host(),
          "127.0.0.1",
          "Address to accept clients at; 0.0.0.0 for all addresses of this machine.");

  public static final ConfigKey<Integer> CLIENT_PORT =
      key(
          "client.port",
          SERVER,
          ConfigType.port(),
          2181,
          "Port to accept clients at; 0 for any free port.");

  public static final ConfigKey<String> PEER_BIND =
      key(
          "peer.bind",
          SERVER,
          ConfigType.host(),
          "127.0.0.1",
          "Address to accept the other servers at. Beyond loopback, a secret is needed.");

  public static final ConfigKey<Integer> PEER_PORT =
      key(
          "peer.port",
          SERVER,
          ConfigType.port(),
          2888,
          "Port to accept the other servers at; the one that ensemble.servers gives for this"
              + " server.");

  public static final ConfigKey<String> ADMIN_BIND =
      key(
          "admin.bind",
          SERVER,
          ConfigType.host(),
          "127.0.0.1",
          "Address to serve health, metrics and status at, by HTTP. Whoever reaches it reads them;"
              + " nothing can be changed through it.");

  public static final ConfigKey<Integer> ADMIN_PORT =
      key(
          "admin.port",
          SERVER,
          ConfigType.portOrOff(),
          9181,
          "Port of /live, /ready, /metrics and /status; 0 for any free port, off for none.");

  public static final ConfigKey<List<PeerAddress>> ENSEMBLE_SERVERS =
      required(
          "ensemble.servers",
          ENSEMBLE,
          ConfigType.servers(),
          "All servers of the ensemble with their peer addresses, the same list on each. It founds"
              + " the ensemble once; afterwards a differing list stops the start. One that ends in"
              + " :observer follows and serves clients, but neither votes nor counts.");

  public static final ConfigKey<Secret> PEER_SECRET =
      optional(
          "peer.secret",
          ENSEMBLE,
          ConfigType.secret(SECRET_BYTES_MIN),
          "What the servers prove to each other to know, the same on each. Needed as soon as an"
              + " address is beyond loopback.");

  public static final ConfigKey<Path> PEER_SECRET_FILE =
      optional(
          "peer.secret.file",
          ENSEMBLE,
          ConfigType.path(),
          "Read the secret from the first line of this file instead; relative to the directory of"
              + " this file.");

  public static final ConfigKey<Duration> ELECTION_TIMEOUT =
      key(
          "election.timeout",
          ENSEMBLE,
          ConfigType.duration(Duration.ofMillis(50), Duration.ofMinutes(1)),
          Duration.ofSeconds(1),
          "How long the leader may be silent before another is elected. A closed connection starts"
              + " the election at once; this one must outlast a pause of the JVM.");

  public static final ConfigKey<Duration> HEARTBEAT_INTERVAL =
      key(
          "heartbeat.interval",
          ENSEMBLE,
          ConfigType.duration(Duration.ofMillis(5), Duration.ofSeconds(10)),
          Duration.ofMillis(100),
          "How often the leader says that it is there; at most a third of election.timeout.");

  public static final ConfigKey<Duration> SESSION_TIMEOUT_MIN =
      key(
          "session.timeout.min",
          CLIENTS,
          ConfigType.duration(Duration.ofMillis(150), Duration.ofHours(1)),
          Duration.ofSeconds(4),
          "Shortest session timeout given; shorter wishes are raised to it. At least three times"
              + " election.timeout, so that sessions outlive an election.");

  public static final ConfigKey<Duration> SESSION_TIMEOUT_MAX =
      key(
          "session.timeout.max",
          CLIENTS,
          ConfigType.duration(Duration.ofMillis(150), Duration.ofHours(24)),
          Duration.ofMinutes(1),
          "Longest session timeout given; longer wishes are lowered to it.");

  public static final ConfigKey<Long> CLIENT_CONNECTIONS_MAX =
      key(
          "client.connections.max",
          CLIENTS,
          ConfigType.count(1, 1_000_000),
          10_000L,
          "Connections of clients at a time; further ones are closed.");

  public static final ConfigKey<Long> CLIENT_PENDING_REQUESTS_MAX =
      key(
          "client.pending.requests.max",
          CLIENTS,
          ConfigType.count(1, 1_000_000),
          8_192L,
          "Unanswered requests of one connection; beyond it the connection is refused as"
              + " overloading.");

  public static final ConfigKey<Long> CLIENT_PENDING_BYTES_MAX =
      key(
          "client.pending.bytes.max",
          CLIENTS,
          ConfigType.size(2L << 20, 64L << 30),
          64L << 20,
          "Writes of all connections that wait for their answer; beyond it writes are refused.");

  public static final ConfigKey<Long> CLIENT_WRITES_IN_FLIGHT_MAX =
      key(
          "client.writes.in.flight.max",
          CLIENTS,
          ConfigType.count(1, 65_536),
          1_024L,
          "Unconfirmed writes that a session may have; clients are told and keep to it.");

  public static final ConfigKey<Long> LOG_SEGMENT_BYTES =
      key(
          "log.segment.bytes",
          STORAGE,
          ConfigType.size(64L << 10, 1L << 30),
          32L << 20,
          "Size at which a new file of the log is begun; whole files are deleted when no kept"
              + " snapshot needs them.");

  public static final ConfigKey<Long> SNAPSHOT_EVERY_ENTRIES =
      key(
          "snapshot.every.entries",
          STORAGE,
          ConfigType.count(100, 1_000_000_000),
          200_000L,
          "Take a snapshot after so many entries of the log.");

  public static final ConfigKey<Long> SNAPSHOT_EVERY_BYTES =
      key(
          "snapshot.every.bytes",
          STORAGE,
          ConfigType.size(64L << 10, 1L << 40),
          256L << 20,
          "Take a snapshot after so much log, if that comes first.");

  public static final ConfigKey<Long> SNAPSHOT_WRITE_RATE =
      key(
          "snapshot.write.rate",
          STORAGE,
          ConfigType.size(64L << 10, 64L << 30),
          64L << 20,
          "Bytes per second at which a snapshot is written at most, so that it does not hold up the"
              + " syncs of the log on the same disk.");

  public static final ConfigKey<Long> LOG_KEPT_BYTES =
      key(
          "log.kept.bytes",
          STORAGE,
          ConfigType.size(0, 1L << 40),
          64L << 20,
          "Log to keep, about, beyond what the oldest kept snapshot needs: a server that was away"
              + " for no longer gets what it missed instead of a whole snapshot.");

  public static final ConfigKey<Long> SNAPSHOTS_KEPT =
      key(
          "snapshots.kept",
          STORAGE,
          ConfigType.count(1, 100),
          3L,
          "Verified snapshots to keep, with the log that follows the oldest of them.");

  public static final ConfigKey<Long> CONNECTIONS_PER_ADDRESS_MAX =
      key(
          "client.connections.per.address.max",
          LIMITS,
          ConfigType.count(1, 1_000_000),
          10_000L,
          "Connections of clients from one address; further ones are refused.");

  public static final ConfigKey<Duration> HANDSHAKE_TIMEOUT =
      key(
          "client.handshake.timeout",
          LIMITS,
          ConfigType.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
          Duration.ofSeconds(5),
          "How long a connection may take to open or attach a session or to ask for the status;"
              + " then it is refused.");

  public static final ConfigKey<Long> OUTBOUND_BYTES_MAX =
      key(
          "client.outbound.bytes.max",
          LIMITS,
          ConfigType.size(2L << 20, 1L << 30),
          16L << 20,
          "What waits for one client to read it; a client that is slower is cut off.");

  public static final ConfigKey<Long> OUTBOUND_TOTAL_BYTES_MAX =
      key(
          "client.outbound.total.bytes.max",
          LIMITS,
          ConfigType.size(4L << 20, 64L << 30),
          256L << 20,
          "The same for all clients together; beyond it those with more than their share are cut"
              + " off.");

  public static final ConfigKey<Long> MEMORY_BUDGET =
      optional(
          "limits.memory.budget",
          LIMITS,
          ConfigType.size(8L << 20, 1L << 40),
          "What tree, sessions and waiting requests may take, as estimated; beyond it whatever"
              + " grows is refused. Without it "
              + MEMORY_BUDGET_HEAP_PERCENT
              + " % of the largest heap.");

  /**
   * A reserve holds so many segments of the log: each new epoch begins one, whose whole length is
   * set at once.
   */
  public static final int DISK_RESERVE_SEGMENTS_MIN = 16;

  public static final ConfigKey<Long> DISK_RESERVE =
      key(
          "storage.disk.reserve",
          LIMITS,
          ConfigType.size(0, 1L << 40),
          512L << 20,
          "Free space of the disk below which this server hands over leadership, and the ensemble"
              + " refuses writes once a majority is there; at least "
              + DISK_RESERVE_SEGMENTS_MIN
              + " times log.segment.bytes, or 0B to write until the disk is full.");

  public static final ConfigKey<Long> WATCH_HISTORY_CHANGES_MAX =
      key(
          "watch.history.changes.max",
          LIMITS,
          ConfigType.count(0, 100_000_000),
          65_536L,
          "Newest changes that this server remembers for clients that come from another: a client"
              + " that was away for more is told to look again; 0 to remember none.");

  public static final ConfigKey<Long> WATCH_HISTORY_BYTES_MAX =
      key(
          "watch.history.bytes.max",
          LIMITS,
          ConfigType.size(0, 64L << 30),
          32L << 20,
          "What these changes may take in memory, as estimated; the oldest are forgotten.");

  public static final ConfigKey<Secret> AUTH_SUPER_DIGEST =
      optional(
          "auth.super.digest",
          TREE,
          ConfigType.secret(SUPER_DIGEST_BYTES_MIN),
          "Who may do everything with every znode, as user:hash, where the hash is the Base64 of"
              + " the SHA-1 of user:password (as ZooKeeper's superDigest); without it nobody. The"
              + " same on each server.");

  public static final ConfigKey<Duration> SWEEP_DUE_INTERVAL =
      key(
          "sweep.due.interval",
          TREE,
          ConfigType.duration(Duration.ofMillis(10), Duration.ofMinutes(10)),
          Duration.ofMillis(250),
          "How often the leader looks for znodes whose expiry or time to live is over.");

  public static final ConfigKey<Duration> SWEEP_CONTAINERS_INTERVAL =
      key(
          "sweep.containers.interval",
          TREE,
          ConfigType.duration(Duration.ofMillis(100), Duration.ofHours(24)),
          Duration.ofMinutes(1),
          "How often the leader looks for containers without children.");

  public static final ConfigKey<Duration> SWEEP_CONTAINERS_UNUSED =
      key(
          "sweep.containers.unused",
          TREE,
          ConfigType.duration(Duration.ofMillis(100), Duration.ofHours(240)),
          Duration.ofMinutes(5),
          "How long a container is kept that never had a child.");

  public static final ConfigKey<Long> SWEEP_BATCH_MAX =
      key(
          "sweep.batch.max",
          TREE,
          ConfigType.count(1, 10_000),
          1_000L,
          "Znodes that one entry of the log deletes; the next follows when it is applied.");

  private ConfigKeys() {}

  /** All settings in the order of the documentation. */
  public static List<ConfigKey<?>> all() {
    return List.of(
        SERVER_ID,
        DATA_DIR,
        CLIENT_BIND,
        CLIENT_PORT,
        PEER_BIND,
        PEER_PORT,
        ADMIN_BIND,
        ADMIN_PORT,
        ENSEMBLE_SERVERS,
        PEER_SECRET,
        PEER_SECRET_FILE,
        ELECTION_TIMEOUT,
        HEARTBEAT_INTERVAL,
        SESSION_TIMEOUT_MIN,
        SESSION_TIMEOUT_MAX,
        CLIENT_CONNECTIONS_MAX,
        CLIENT_PENDING_REQUESTS_MAX,
        CLIENT_PENDING_BYTES_MAX,
        CLIENT_WRITES_IN_FLIGHT_MAX,
        LOG_SEGMENT_BYTES,
        SNAPSHOT_EVERY_ENTRIES,
        SNAPSHOT_EVERY_BYTES,
        SNAPSHOT_WRITE_RATE,
        SNAPSHOTS_KEPT,
        LOG_KEPT_BYTES,
        CONNECTIONS_PER_ADDRESS_MAX,
        HANDSHAKE_TIMEOUT,
        OUTBOUND_BYTES_MAX,
        OUTBOUND_TOTAL_BYTES_MAX,
        MEMORY_BUDGET,
        DISK_RESERVE,
        WATCH_HISTORY_CHANGES_MAX,
        WATCH_HISTORY_BYTES_MAX,
        AUTH_SUPER_DIGEST,
        SWEEP_DUE_INTERVAL,
        SWEEP_CONTAINERS_INTERVAL,
        SWEEP_CONTAINERS_UNUSED,
        SWEEP_BATCH_MAX);
  }

  /** Headings in the order of the documentation. */
  static List<String> groups() {
    List<String> groups = new ArrayList<>();
    for (ConfigKey<?> key : all()) {
      if (!groups.contains(key.group())) {
        groups.add(key.group());
      }
    }
    return List.copyOf(groups);
  }

  private static <T> ConfigKey<T> key(
      String name, String group, ConfigType<T> type, T defaultValue, String doc) {
    return new ConfigKey<>(name, group, type, defaultValue, false, doc);
  }

  private static <T> ConfigKey<T> required(
      String name, String group, ConfigType<T> type, String doc) {
    return new ConfigKey<>(name, group, type, null, true, doc);
  }

  private static <T> ConfigKey<T> optional(
      String name, String group, ConfigType<T> type, String doc) {
    return new ConfigKey<>(name, group, type, null, false, doc);
  }
}
