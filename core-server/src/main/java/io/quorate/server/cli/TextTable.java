package io.quorate.server.cli;

import java.util.ArrayList;
import java.util.List;

/** Columns for people that are easily split by scripts: two blanks between, none within. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  TextTable(List<String> headings) {
    rows.add(headings);
  }

  void row(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  /** A row with one cell, and words to the end of the line. */
  void line(String cell, String words) {
    rows.add(List.of(cell, words));
  }

  List<String> lines() {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      // The words of a line may run on below the headings.
      int counted = row.size() == columns ? columns : 1;
      for (int i = 0; i < counted; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i));
        if (i < row.size() - 1) {
          line.append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
      }
      lines.add(line.toString());
    }
    return List.copyOf(lines);
  }
}
