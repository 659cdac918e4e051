package io.quorate.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a rule reads where the class file no longer tells: source without comments and literals. */
final class SourceText {
  private static final Pattern NOISE =
      Pattern.compile(
          "\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n"
              + "])*\"|'(?:\\\\.|[^'\\\\\\n"
              + "])+'|//[^\\n"
              + "]*|/\\*.*?\\*/",
          Pattern.DOTALL);

  private SourceText() {}

  static String withoutComments(Path file) throws IOException {
    return withoutComments(Files.readString(file));
  }

  static String withoutComments(String source) {
    return NOISE.matcher(source).replaceAll(" ");
  }
}
