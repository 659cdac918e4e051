package io.quorate.protocol;

import com.google.protobuf.ByteString;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;

/** Single values of messages, checked: each is in range, or a {@link ProtocolException}. */
final class WireValues {
  private WireValues() {}

  static long atLeast(long minimum, long value, String field) throws ProtocolException {
    if (value < minimum) {
      throw new ProtocolException(
          "%s must be at least %d, found %d".formatted(field, minimum, value));
    }
    return value;
  }

  static void atMost(int maximum, int value, String what) throws ProtocolException {
    if (value > maximum) {
      throw new ProtocolException(
          ErrorCode.REQUEST_TOO_LARGE, "at most %d %s, found %d".formatted(maximum, what, value));
    }
  }

  static String clientName(String name) throws ProtocolException {
    atMost(Framing.CLIENT_NAME_CHARS_MAX, name.length(), "characters of client_name");
    return name;
  }

  static byte[] secret(ByteString secret) throws ProtocolException {
    if (secret.size() != Framing.SECRET_BYTES) {
      throw new ProtocolException(
          "a secret has %d bytes, found %d".formatted(Framing.SECRET_BYTES, secret.size()));
    }
    return secret.toByteArray();
  }

  static CreateMode createMode(int number) throws ProtocolException {
    return known(CreateMode::ofWireNumber, number);
  }

  static WatchKind watchKind(int number) throws ProtocolException {
    return known(WatchKind::ofWireNumber, number);
  }

  /** A kind that is not one-shot. */
  static WatchKind lastingWatchKind(int number) throws ProtocolException {
    WatchKind kind = watchKind(number);
    if (kind.isOneShot()) {
      throw new ProtocolException("a watch that lasts expected, found kind " + kind);
    }
    return kind;
  }

  static WatchEvent.Type eventType(int number) throws ProtocolException {
    return known(WatchEvent.Type::ofWireNumber, number);
  }

  static ErrorCode errorCode(int number) throws ProtocolException {
    return known(ErrorCode::ofWireNumber, number);
  }

  private interface WireNumbered<T> {
    T ofWireNumber(int number);
  }

  private static <T> T known(WireNumbered<T> numbers, int number) throws ProtocolException {
    try {
      return numbers.ofWireNumber(number);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(ErrorCode.UNIMPLEMENTED, String.valueOf(e.getMessage()));
    }
  }

  static ProtocolException unknown(String what) {
    return new ProtocolException(ErrorCode.UNIMPLEMENTED, "unknown kind of " + what);
  }
}
