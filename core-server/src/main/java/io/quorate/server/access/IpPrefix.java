package io.quorate.server.access;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An address or the beginning of one, from text: {@code 10.0.0.7}, {@code 10.0.0.0/8}, {@code
 * fd00::1}, {@code fd00::/8}. Numeric only: no name is ever looked up. An IPv4 address that is
 * written as an IPv6 one ({@code ::ffff:10.0.0.7}) is the IPv4 address.
 */
final class IpPrefix {
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_GROUPS = 8;
  private static final int MAPPED_FROM = 12;

  private final byte[] address;
  private final int bits;

  private IpPrefix(byte[] address, int bits) {
    this.address = address;
    this.bits = bits;
  }

  /** Null if the text is neither an address nor a prefix. */
  static @Nullable IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = address(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      return null;
    }
    int max = address.length * Byte.SIZE;
    int bits = slash < 0 ? max : decimal(text.substring(slash + 1), max);
    return bits < 0 ? null : new IpPrefix(address, bits);
  }

  /** Whether an address, without a prefix length, begins with these bits. */
  boolean covers(String text) {
    byte[] other = address(text);
    if (other == null || other.length != address.length) {
      return false;
    }
    int whole = bits / Byte.SIZE;
    if (!Arrays.equals(address, 0, whole, other, 0, whole)) {
      return false;
    }
    int rest = bits % Byte.SIZE;
    int shift = Byte.SIZE - rest;
    return rest == 0 || (address[whole] & 0xFF) >> shift == (other[whole] & 0xFF) >> shift;
  }

  private static byte @Nullable [] address(String text) {
    return text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
  }

  private static byte @Nullable [] ipv4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != IPV4_BYTES) {
      return null;
    }
    byte[] address = new byte[IPV4_BYTES];
    for (int i = 0; i < IPV4_BYTES; i++) {
      int value = decimal(parts[i], 0xFF);
      if (value < 0) {
        return null;
      }
      address[i] = (byte) value;
    }
    return address;
  }

  private static byte @Nullable [] ipv6(String text) {
    String groups = withIpv4TailAsGroups(text);
    if (groups == null) {
      return null;
    }
    int gap = groups.indexOf("::");
    if (gap >= 0 && groups.indexOf("::", gap + 1) >= 0) {
      return null;
    }
    byte[] address = new byte[2 * IPV6_GROUPS];
    if (gap < 0) {
      return putGroups(groups, address, true) == IPV6_GROUPS ? unmapped(address) : null;
    }
    int before = putGroups(groups.substring(0, gap), address, true);
    int after = putGroups(groups.substring(gap + 2), address, false);
    return before < 0 || after < 0 || before + after >= IPV6_GROUPS ? null : unmapped(address);
  }

  /** {@code ::ffff:1.2.3.4} as {@code ::ffff:102:304}; null if the tail is no IPv4 address. */
  private static @Nullable String withIpv4TailAsGroups(String text) {
    if (text.indexOf('.') < 0) {
      return text;
    }
    int colon = text.lastIndexOf(':');
    byte[] tail = ipv4(text.substring(colon + 1));
    return tail == null
        ? null
        : text.substring(0, colon + 1)
            + Integer.toHexString((tail[0] & 0xFF) << 8 | (tail[1] & 0xFF))
            + ":"
            + Integer.toHexString((tail[2] & 0xFF) << 8 | (tail[3] & 0xFF));
  }

  /**
   * Writes groups to the front or to the end of an address.
   *
   * @return how many there are; -1 if they are none or too many
   */
  private static int putGroups(String text, byte[] address, boolean front) {
    if (text.isEmpty()) {
      return 0;
    }
    String[] groups = text.split(":", -1);
    if (groups.length > IPV6_GROUPS) {
      return -1;
    }
    int at = front ? 0 : address.length - 2 * groups.length;
    for (String group : groups) {
      int value = hexadecimal(group);
      if (value < 0) {
        return -1;
      }
      address[at++] = (byte) (value >> 8);
      address[at++] = (byte) value;
    }
    return groups.length;
  }

  private static byte[] unmapped(byte[] address) {
    for (int i = 0; i < MAPPED_FROM; i++) {
      if (address[i] != (byte) (i < MAPPED_FROM - 2 ? 0 : 0xFF)) {
        return address;
      }
    }
    return Arrays.copyOfRange(address, MAPPED_FROM, address.length);
  }

  /** -1 unless it is a decimal number, without sign, of at most three digits, up to a maximum. */
  private static int decimal(String text, int max) {
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9' || i == 3) {
        return -1;
      }
      value = value * 10 + (c - '0');
    }
    return text.isEmpty() || value > max ? -1 : value;
  }

  /** -1 unless it is one to four hexadecimal digits. */
  private static int hexadecimal(String text) {
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) < 0x80 ? Character.digit(text.charAt(i), 16) : -1;
      if (digit < 0 || i == 4) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return text.isEmpty() ? -1 : value;
  }
}
