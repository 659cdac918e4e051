package io.quorate.server.request;

import io.quorate.data.ReadOp;
import io.quorate.protocol.message.ClientMessage;

/** About how many bytes a request keeps alive while it waits, for those that are not proposed. */
final class WaitingSize {
  /** Objects around the text, bytes. */
  static final long FIXED_BYTES = 128;

  private WaitingSize() {}

  static long of(ClientMessage message) {
    if (message instanceof ClientMessage.Read read) {
      return FIXED_BYTES + read.op().path().length() + after(read.op()).length();
    }
    if (message instanceof ClientMessage.AddWatch add) {
      return FIXED_BYTES + add.path().length();
    }
    if (message instanceof ClientMessage.Auth auth) {
      return FIXED_BYTES + auth.scheme().length() + auth.credential().length;
    }
    if (message instanceof ClientMessage.ResumeWatches resume) {
      long bytes = FIXED_BYTES;
      for (ClientMessage.Registration watch : resume.watches()) {
        bytes += FIXED_BYTES + watch.path().length();
      }
      return bytes;
    }
    return FIXED_BYTES;
  }

  private static String after(ReadOp op) {
    if (op instanceof ReadOp.Children children) {
      return children.afterName();
    }
    return op instanceof ReadOp.Ephemerals ephemerals ? ephemerals.afterPath() : "";
  }
}
