package io.quorate.client;

import io.quorate.data.Acl;
import io.quorate.data.DataLimits;
import io.quorate.data.WriteOp;
import io.quorate.protocol.Framing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Refuses at the call what no server would read: data beyond the limit of a znode, and operations
 * that do not fit into one frame.
 */
final class RequestSize {
  /** Tags, lengths, numbers and modes of one operation, at most. */
  private static final int OPERATION_BYTES = 64;

  /** The same of one entry of an access control list. */
  private static final int ACL_BYTES = 32;

  /** Of the message around the operations, at most. */
  private static final int MESSAGE_BYTES = 1 << 10;

  /** All operations of a request together. */
  static final int BYTES_MAX = Framing.BODY_BYTES_MAX - MESSAGE_BYTES;

  private RequestSize() {}

  /**
   * @throws IllegalArgumentException if it is too much
   */
  static void require(List<WriteOp> ops) {
    long bytes = 0;
    for (WriteOp op : ops) {
      byte[] data = data(op);
      if (data != null && data.length > DataLimits.DATA_BYTES_MAX) {
        throw new IllegalArgumentException(
            "data of at most "
                + DataLimits.DATA_BYTES_MAX
                + " bytes expected, found "
                + data.length);
      }
      bytes += OPERATION_BYTES + utf8Length(Paths.of(op)) + (data == null ? 0 : data.length);
      for (Acl entry : acl(op)) {
        bytes += ACL_BYTES + utf8Length(entry.identity().scheme());
        bytes += utf8Length(entry.identity().id());
      }
    }
    if (bytes > BYTES_MAX) {
      throw new IllegalArgumentException(
          "data and paths of a request of at most "
              + BYTES_MAX
              + " bytes expected, found "
              + bytes);
    }
  }

  private static byte @Nullable [] data(WriteOp op) {
    if (op instanceof WriteOp.Create create) {
      return create.data();
    }
    return op instanceof WriteOp.SetData set ? set.data() : null;
  }

  private static List<Acl> acl(WriteOp op) {
    if (op instanceof WriteOp.Create create) {
      return create.acl();
    }
    return op instanceof WriteOp.SetAcl set ? set.acl() : List.of();
  }

  private static long utf8Length(String text) {
    long length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length += c < 0x80 ? 0 : c < 0x800 ? 1 : 2;
    }
    return length;
  }
}
