package io.quorate.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which servers there are, where this one meets them, and how fast they miss each other.
 *
 * @param bind where this server accepts its peers
 * @param port where this server accepts its peers; 0 only for a server without peers
 * @param servers all of them, this one included; sorted by id
 * @param secret shared by all; null only if every address is loopback
 * @param electionTimeout silence of a leader after which another is elected
 * @param heartbeatInterval at most a third of {@code electionTimeout}
 */
public record EnsembleConfig(
    String bind,
    int port,
    List<PeerAddress> servers,
    @Nullable Secret secret,
    Duration electionTimeout,
    Duration heartbeatInterval) {
  private static final int HEARTBEATS_PER_ELECTION_TIMEOUT_MIN = 3;

  public EnsembleConfig {
    HostPort.requireHost(bind);
    Ranges.require(ConfigKeys.PEER_PORT, port);
    Ranges.require(ConfigKeys.ELECTION_TIMEOUT, electionTimeout);
    Ranges.require(ConfigKeys.HEARTBEAT_INTERVAL, heartbeatInterval);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("ensemble.servers: expected at least one, found none");
    }
    servers = servers.stream().sorted(Comparator.comparingInt(PeerAddress::id)).toList();
    List<Contradiction> found = new ArrayList<>(serverContradictions(servers));
    found.addAll(secretContradictions(bind, servers, secret != null));
    found.addAll(timingContradictions(electionTimeout, heartbeatInterval));
    Contradiction.refuse(found);
  }

  /** An ensemble with the default timings, met at loopback. */
  public static EnsembleConfig of(int port, List<PeerAddress> servers) {
    return new EnsembleConfig(
        ConfigKeys.PEER_BIND.orDefault(null),
        port,
        servers,
        null,
        ConfigKeys.ELECTION_TIMEOUT.orDefault(null),
        ConfigKeys.HEARTBEAT_INTERVAL.orDefault(null));
  }

  /** The same with other timings. */
  public EnsembleConfig withTimings(Duration newElectionTimeout, Duration newHeartbeatInterval) {
    return new EnsembleConfig(
        bind, port, servers, secret, newElectionTimeout, newHeartbeatInterval);
  }

  static List<Contradiction> serverContradictions(List<PeerAddress> servers) {
    List<Contradiction> found = new ArrayList<>();
    for (int i = 0; i < servers.size(); i++) {
      PeerAddress server = servers.get(i);
      for (PeerAddress earlier : servers.subList(0, i)) {
        if (earlier.id() == server.id()) {
          found.add(servers("every id once", earlier + " and " + server));
        } else if (earlier.address().equals(server.address()) && server.address().port() != 0) {
          found.add(servers("every address once", earlier + " and " + server));
        }
      }
      if (server.address().port() == 0 && servers.size() > 1) {
        found.add(servers("ports from 1 to 65535 for servers that have peers", server.toString()));
      }
    }
    if (!servers.isEmpty() && servers.stream().allMatch(PeerAddress::observer)) {
      found.add(servers("at least one server that votes", "observers only"));
    }
    return found;
  }

  static List<Contradiction> secretContradictions(
      String bind, List<PeerAddress> servers, boolean hasSecret) {
    List<Contradiction> found = new ArrayList<>();
    if (hasSecret) {
      return found;
    }
    String why = "loopback only, as long as there is no peer.secret or peer.secret.file";
    if (!HostPort.isLoopback(bind)) {
      found.add(new Contradiction(ConfigKeys.PEER_BIND, why, bind));
    }
    List<String> beyond =
        servers.stream()
            .filter(server -> !server.address().isLoopback())
            .map(PeerAddress::toString)
            .toList();
    if (!beyond.isEmpty()) {
      found.add(servers(why, String.join(", ", beyond)));
    }
    return found;
  }

  static List<Contradiction> timingContradictions(Duration election, Duration heartbeat) {
    if (heartbeat.multipliedBy(HEARTBEATS_PER_ELECTION_TIMEOUT_MIN).compareTo(election) <= 0) {
      return List.of();
    }
    return List.of(
        new Contradiction(
            ConfigKeys.HEARTBEAT_INTERVAL,
            "at most a third of election.timeout, which is "
                + ConfigKeys.ELECTION_TIMEOUT.type().print(election),
            ConfigKeys.HEARTBEAT_INTERVAL.type().print(heartbeat)));
  }

  private static Contradiction servers(String expected, String found) {
    return new Contradiction(ConfigKeys.ENSEMBLE_SERVERS, expected, found);
  }
}
