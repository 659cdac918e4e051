package io.quorate.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The data that a command is given: as text, from a file, or from standard input. The text is a
 * positional parameter of the command itself, because a mixin has to be complete alone.
 */
final class DataArgument {
  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Take the data from a file, as it is; - for standard input.")
  private @Nullable String file;

  /** The bytes of {@code text} or of the file, or null if neither was given. */
  byte @Nullable [] read(@Nullable String text, InputStream in) throws IOException {
    if (text != null && file != null) {
      throw new CommandFailure(ExitCodes.USAGE, "data is given twice, as DATA and by --file");
    }
    if (text != null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    if (file == null) {
      return null;
    }
    return file.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(file));
  }
}
