package io.quorate.server.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a server is told.
 *
 * @param serverId which of {@code ensemble.servers()} this is
 * @param dataDir where it keeps its data
 */
public record ServerConfig(
    int serverId,
    Path dataDir,
    ClientConfig client,
    EnsembleConfig ensemble,
    StorageConfig storage,
    LimitsConfig limits,
    AdminConfig admin,
    TreeConfig tree) {
  private static final int ELECTION_TIMEOUTS_PER_SESSION_MIN = 3;

  /** With the limits that hold when nothing is said, and without an admin port. */
  public ServerConfig(
      int serverId,
      Path dataDir,
      ClientConfig client,
      EnsembleConfig ensemble,
      StorageConfig storage) {
    this(serverId, dataDir, client, ensemble, storage, LimitsConfig.defaults());
  }

  /** Without an admin port. */
  public ServerConfig(
      int serverId,
      Path dataDir,
      ClientConfig client,
      EnsembleConfig ensemble,
      StorageConfig storage,
      LimitsConfig limits) {
    this(serverId, dataDir, client, ensemble, storage, limits, AdminConfig.off());
  }

  /** With the usual treatment of znodes. */
  public ServerConfig(
      int serverId,
      Path dataDir,
      ClientConfig client,
      EnsembleConfig ensemble,
      StorageConfig storage,
      LimitsConfig limits,
      AdminConfig admin) {
    this(serverId, dataDir, client, ensemble, storage, limits, admin, TreeConfig.defaults());
  }

  public ServerConfig {
    Ranges.require(ConfigKeys.SERVER_ID, serverId);
    List<Contradiction> found =
        new ArrayList<>(
            placeContradictions(
                serverId, client.port(), ensemble.bind(), ensemble.port(), ensemble.servers()));
    found.addAll(AdminConfig.contradictions(admin.port(), client.port(), ensemble.port()));
    found.addAll(timingContradictions(client.sessionTimeoutMin(), ensemble.electionTimeout()));
    found.addAll(
        LimitsConfig.reserveContradictions(limits.diskReserveBytes(), storage.segmentBytes()));
    Contradiction.refuse(found);
  }

  /** The same with other clients. */
  public ServerConfig withClient(ClientConfig newClient) {
    return new ServerConfig(serverId, dataDir, newClient, ensemble, storage, limits, admin, tree);
  }

  /** The same with another treatment of znodes. */
  public ServerConfig withTree(TreeConfig newTree) {
    return new ServerConfig(serverId, dataDir, client, ensemble, storage, limits, admin, newTree);
  }

  /** The same with other limits. */
  public ServerConfig withLimits(LimitsConfig newLimits) {
    return new ServerConfig(serverId, dataDir, client, ensemble, storage, newLimits, admin, tree);
  }

  /** The same with another admin port. */
  public ServerConfig withAdmin(AdminConfig newAdmin) {
    return new ServerConfig(serverId, dataDir, client, ensemble, storage, limits, newAdmin, tree);
  }

  /** The address that the peers of this server know it by. */
  public PeerAddress self() {
    return ensemble.servers().stream()
        .filter(server -> server.id() == serverId)
        .findFirst()
        .orElseThrow();
  }

  static List<Contradiction> placeContradictions(
      int id, int clientPort, String peerBind, int peerPort, List<PeerAddress> servers) {
    List<Contradiction> found = new ArrayList<>();
    PeerAddress self =
        servers.stream().filter(server -> server.id() == id).findFirst().orElse(null);
    if (self == null) {
      found.add(
          new Contradiction(
              ConfigKeys.SERVER_ID,
              "an id that ensemble.servers lists ("
                  + ConfigKeys.ENSEMBLE_SERVERS.type().print(servers)
                  + ")",
              String.valueOf(id)));
    } else {
      if (self.address().port() != peerPort) {
        found.add(
            new Contradiction(
                ConfigKeys.PEER_PORT,
                "the port that ensemble.servers gives for server "
                    + id
                    + ", which is "
                    + self.address().port(),
                String.valueOf(peerPort)));
      }
      if (HostPort.isLoopback(peerBind) && !self.address().isLoopback()) {
        found.add(
            new Contradiction(
                ConfigKeys.PEER_BIND,
                "an address at which the others reach " + self.address().host(),
                peerBind + ", which only this machine reaches"));
      }
    }
    if (clientPort == peerPort && clientPort != 0) {
      found.add(
          new Contradiction(
              ConfigKeys.CLIENT_PORT,
              "another port than peer.port, which is " + peerPort,
              String.valueOf(clientPort)));
    }
    for (PeerAddress other : servers) {
      if (self != null
          && other.id() != id
          && clientPort != 0
          && other.address().equals(new HostPort(self.address().host(), clientPort))) {
        found.add(
            new Contradiction(
                ConfigKeys.CLIENT_PORT,
                "another port than that of a server on the same host (" + other + ")",
                String.valueOf(clientPort)));
      }
    }
    return found;
  }

  static List<Contradiction> timingContradictions(Duration sessionMin, Duration election) {
    if (election.multipliedBy(ELECTION_TIMEOUTS_PER_SESSION_MIN).compareTo(sessionMin) <= 0) {
      return List.of();
    }
    return List.of(
        new Contradiction(
            ConfigKeys.SESSION_TIMEOUT_MIN,
            "at least three times election.timeout, which is "
                + ConfigKeys.ELECTION_TIMEOUT.type().print(election),
            ConfigKeys.SESSION_TIMEOUT_MIN.type().print(sessionMin)));
  }
}
