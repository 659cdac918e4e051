package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.WriteOp;
import org.jspecify.annotations.Nullable;

/**
 * How much of a frame a result takes, at most: an answer that does not fit one could never be
 * given, and would be kept for ever for a client that asks again and again.
 */
final class AnswerSize {
  /** Kind, tags, lengths and the longest stat. */
  static final int FIXED_BYTES = 160;

  /** Tags and lengths of one string in a list. */
  private static final int STRING_BYTES = 8;

  /** UTF-8 bytes of a char, at most: of a pair of surrogates it is two for each. */
  private static final int CHAR_BYTES_MAX = 3;

  private AnswerSize() {}

  static int of(OpResult result) {
    int bytes = FIXED_BYTES;
    if (result instanceof OpResult.Created created) {
      bytes += utf8Length(created.path());
    } else if (result instanceof OpResult.Data data && data.data() != null) {
      bytes += data.data().length;
    } else if (result instanceof OpResult.ChildNames names) {
      for (String name : names.names()) {
        bytes += STRING_BYTES + utf8Length(name);
      }
    } else if (result instanceof OpResult.Paths paths) {
      for (String path : paths.paths()) {
        bytes += STRING_BYTES + utf8Length(path);
      }
    } else if (result instanceof OpResult.AclRead read) {
      for (Acl entry : read.acl()) {
        bytes += STRING_BYTES + of(entry.identity());
      }
    } else if (result instanceof OpResult.Identities identities) {
      for (Identity identity : identities.identities()) {
        bytes += of(identity);
      }
    }
    return bytes;
  }

  /** Of whatever may answer the operation. Null, which no codec yields, is answered, too. */
  static long atMost(@Nullable WriteOp op) {
    if (op instanceof WriteOp.Multi multi) {
      long bytes = FIXED_BYTES;
      for (WriteOp each : multi.ops()) {
        bytes += atMost(each);
      }
      return Math.min(bytes, MultiOperation.ANSWER_BYTES_MAX);
    }
    if (op instanceof WriteOp.Read) {
      return MultiOperation.ANSWER_BYTES_MAX;
    }
    return op instanceof WriteOp.Create create && create.path() != null
        ? FIXED_BYTES + (long) CHAR_BYTES_MAX * create.path().length()
        : FIXED_BYTES;
  }

  private static int of(Identity identity) {
    return 2 * STRING_BYTES + utf8Length(identity.scheme()) + utf8Length(identity.id());
  }

  private static int utf8Length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length += c < 0x80 ? 1 : c < 0x800 ? 2 : CHAR_BYTES_MAX;
    }
    return length;
  }
}
