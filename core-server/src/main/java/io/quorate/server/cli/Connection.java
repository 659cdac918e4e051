package io.quorate.server.cli;

import io.quorate.data.Credential;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom to talk to, and as whom; given before or after the name of the command. */
final class Connection {
  /** Largest file of credentials, bytes. */
  private static final long AUTH_FILE_BYTES_MAX = 64 << 10;

  @Option(
      names = "--connect",
      paramLabel = "HOST:PORT,...",
      description =
          "Servers to talk to; else the environment's QUORATE_CONNECT, else 127.0.0.1:2181.")
  private @Nullable String connect;

  @Option(
      names = "--auth",
      paramLabel = "SCHEME:CREDENTIAL",
      description = {
        "Who to be, such as digest:user:password; may be given several times. Other users of this"
            + " machine can see it in the list of processes: better use --auth-file, or the"
            + " environment's QUORATE_AUTH, which holds one."
      })
  private List<String> auth = new ArrayList<>();

  @Option(
      names = "--auth-file",
      paramLabel = "FILE",
      description = "Who to be, one SCHEME:CREDENTIAL on each line.")
  private @Nullable Path authFile;

  /** Servers as given here, else there, else by the surroundings. */
  String servers(Connection fallback, CliContext context) {
    if (connect != null) {
      return connect;
    }
    return fallback.connect != null ? fallback.connect : context.connect();
  }

  /** Credentials as given here, else there, else by the surroundings. */
  List<Credential> credentials(Connection fallback, CliContext context) throws IOException {
    List<Credential> all = given();
    if (all.isEmpty()) {
      all = fallback.given();
    }
    return all.isEmpty() && !context.auth().isEmpty()
        ? List.of(parse(context.auth(), "QUORATE_AUTH"))
        : all;
  }

  private List<Credential> given() throws IOException {
    List<Credential> all = new ArrayList<>();
    for (String text : auth) {
      all.add(parse(text, "--auth"));
    }
    if (authFile != null) {
      if (Files.size(authFile) > AUTH_FILE_BYTES_MAX) {
        throw new CommandFailure(
            ExitCodes.USAGE, authFile + ": at most " + AUTH_FILE_BYTES_MAX + " bytes");
      }
      for (String line : Files.readAllLines(authFile, StandardCharsets.UTF_8)) {
        if (!line.isBlank()) {
          all.add(parse(line.strip(), authFile.toString()));
        }
      }
    }
    return all;
  }

  /** Messages never show what was given. */
  private static Credential parse(String text, String where) {
    int colon = text.indexOf(':');
    if (colon < 1 || colon == text.length() - 1) {
      throw new CommandFailure(
          ExitCodes.USAGE,
          where
              + ": expected SCHEME:CREDENTIAL, such as digest:user:password, found something else");
    }
    return new Credential(
        text.substring(0, colon), text.substring(colon + 1).getBytes(StandardCharsets.UTF_8));
  }
}
