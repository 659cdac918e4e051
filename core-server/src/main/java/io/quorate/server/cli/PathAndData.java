package io.quorate.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A path, and data as text, from a file, or from standard input. */
final class PathAndData {
  @Parameters(index = "0", paramLabel = "PATH")
  private String path = "/";

  @Parameters(index = "1", arity = "0..1", paramLabel = "DATA", description = "As text (UTF-8).")
  private @Nullable String text;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Take the data from a file, as it is; - for standard input.")
  private @Nullable String file;

  String path() {
    return path;
  }

  /** The bytes, or null if none were given. */
  byte @Nullable [] read(InputStream in) throws IOException {
    if (text != null && file != null) {
      throw new CommandFailure(ExitCodes.USAGE, "data is given twice, as DATA and by --file");
    }
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    if (file == null) {
      return null;
    }
    try {
      return file.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (NoSuchFileException e) {
      throw new CommandFailure(ExitCodes.USAGE, "--file: a file expected, found none at " + file);
    }
  }
}
