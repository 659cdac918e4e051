package io.quorate.server.cli;

import io.quorate.server.config.AdminConfig;
import io.quorate.server.config.ConfigKeys;
import io.quorate.server.config.ConfigParser;
import io.quorate.server.config.HostPort;
import io.quorate.server.config.PeerAddress;
import io.quorate.server.config.ServerConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The directory of a developer's ensemble: {@code server-N/quorate.conf} and beside it that
 * server's data and log, for each N. Once written, the files stay as they are: the servers have
 * their ports in their data.
 */
final class EnsembleLayout {
  private static final String LOOPBACK = "127.0.0.1";

  /** The peer ports begin so far above the client ports, like the defaults 2181 and 2888. */
  private static final int PEER_PORT_DISTANCE = 707;

  /** Like the defaults 2181 and 9181. */
  private static final int ADMIN_PORT_DISTANCE = 7_000;

  private static final int ADMIN_PORT_MAX = 65_000;

  private EnsembleLayout() {}

  /**
   * Writes the files, or finds those of an earlier run, and returns them in the order of ids; the
   * observers have the greatest.
   */
  static List<ServerFiles> prepare(
      Path directory, int voters, int observers, int basePort, PrintStream err) throws IOException {
    List<ServerFiles> files = new ArrayList<>();
    for (int id = 1; id <= voters + observers; id++) {
      files.add(ServerFiles.of(directory.resolve("server-" + id)));
    }
    boolean found = Files.exists(files.get(0).config());
    if (found) {
      requireSame(directory, files, voters);
      requireFree(files);
    } else {
      write(files, voters, basePort, err);
    }
    return files;
  }

  /** The ensemble of an earlier run goes on as it was founded. */
  private static void requireSame(Path directory, List<ServerFiles> files, int voters) {
    List<PeerAddress> configured = files.get(0).read().ensemble().servers();
    int observing = (int) configured.stream().filter(PeerAddress::observer).count();
    int voting = configured.size() - observing;
    if (voting != voters || configured.size() != files.size()) {
      throw new CommandFailure(
          ExitCodes.USAGE,
          "%s holds an ensemble of %s, not of %s; give --servers %d --observers %d, or another --dir"
              .formatted(
                  directory,
                  text(voting, observing),
                  text(voters, files.size() - voters),
                  voting,
                  observing));
    }
  }

  private static String text(int voters, int observers) {
    return voters + " servers" + (observers == 0 ? "" : " and " + observers + " observers");
  }

  private static void requireFree(List<ServerFiles> files) {
    for (ServerFiles each : files) {
      ServerConfig config = each.read();
      int admin = config.admin().port();
      for (int port : List.of(config.client().port(), config.ensemble().port(), admin)) {
        if (port != AdminConfig.OFF && !isFree(port)) {
          throw new CommandFailure(
              ExitCodes.UNAVAILABLE,
              "port %d is busy, and %s needs it (is the ensemble running already?)"
                  .formatted(port, each.config()));
        }
      }
    }
  }

  private static void write(List<ServerFiles> files, int voters, int basePort, PrintStream err)
      throws IOException {
    Set<Integer> taken = new HashSet<>();
    List<Integer> clientPorts = new ArrayList<>();
    List<PeerAddress> servers = new ArrayList<>();
    List<Integer> adminPorts = new ArrayList<>();
    for (int id = 1; id <= files.size(); id++) {
      clientPorts.add(freePort(basePort + id - 1, taken, err));
    }
    for (int id = 1; id <= files.size(); id++) {
      int port = freePort(basePort + PEER_PORT_DISTANCE + id - 1, taken, err);
      servers.add(new PeerAddress(id, new HostPort(LOOPBACK, port), id > voters));
    }
    for (int id = 1; id <= files.size(); id++) {
      adminPorts.add(freePort(adminBase(basePort) + id - 1, taken, err));
    }
    for (int id = 1; id <= files.size(); id++) {
      ServerFiles each = files.get(id - 1);
      Files.createDirectories(each.directory());
      Files.writeString(
          each.config(),
          """
          # Written by quorate ensemble. Every server has the same list of servers.
          %s = %d
          %s = data
          %s = %d
          %s = %d
          %s = %d
          %s = %s
          """
              .formatted(
                  ConfigKeys.SERVER_ID,
                  id,
                  ConfigKeys.DATA_DIR,
                  ConfigKeys.CLIENT_PORT,
                  clientPorts.get(id - 1),
                  ConfigKeys.PEER_PORT,
                  servers.get(id - 1).address().port(),
                  ConfigKeys.ADMIN_PORT,
                  adminPorts.get(id - 1),
                  ConfigKeys.ENSEMBLE_SERVERS,
                  ConfigKeys.ENSEMBLE_SERVERS.type().print(servers)));
    }
  }

  private static int adminBase(int basePort) {
    int above = basePort + ADMIN_PORT_DISTANCE;
    return above <= ADMIN_PORT_MAX ? above : basePort - ADMIN_PORT_DISTANCE;
  }

  /** The wanted port or the next free one after it; says so if the wanted one is busy. */
  private static int freePort(int wanted, Set<Integer> taken, PrintStream err) {
    for (int port = wanted; port <= HostPort.PORT_MAX; port++) {
      if (!taken.contains(port) && isFree(port)) {
        if (port != wanted && !taken.contains(wanted)) {
          err.println("port " + wanted + " is busy, taking " + port);
        }
        taken.add(port);
        return port;
      }
    }
    throw new CommandFailure(ExitCodes.UNAVAILABLE, "no port from " + wanted + " on is free");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(LOOPBACK), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The places of one server. */
  record ServerFiles(Path directory, Path config, Path log) {
    static ServerFiles of(Path directory) {
      return new ServerFiles(
          directory, directory.resolve("quorate.conf"), directory.resolve("server.log"));
    }

    ServerConfig read() {
      return ConfigParser.read(config);
    }
  }
}
