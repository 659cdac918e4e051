package io.quorate.server.cli;

import io.quorate.data.ZnodeStat;
import io.quorate.data.Zxid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A stat as lines {@code name = value}, in an order that stays; {@code expiresAt} for znodes that
 * expire.
 */
final class StatLines {
  private StatLines() {}

  static List<String> of(ZnodeStat stat) {
    List<String> lines = new ArrayList<>(fields(stat));
    if (stat.expiresAtMillis() != 0) {
      lines.add("expiresAt = " + Instant.ofEpochMilli(stat.expiresAtMillis()));
    }
    return lines;
  }

  private static List<String> fields(ZnodeStat stat) {
    return List.of(
        "czxid = " + Zxid.format(stat.czxid()),
        "mzxid = " + Zxid.format(stat.mzxid()),
        "pzxid = " + Zxid.format(stat.pzxid()),
        "ctime = " + Instant.ofEpochMilli(stat.ctimeMillis()),
        "mtime = " + Instant.ofEpochMilli(stat.mtimeMillis()),
        "version = " + stat.version(),
        "cversion = " + stat.cversion(),
        "aversion = " + stat.aversion(),
        "ephemeralOwner = " + Zxid.format(stat.ephemeralOwner()),
        "dataLength = " + stat.dataLength(),
        "numChildren = " + stat.numChildren());
  }
}
