package io.quorate.protocol;

/**
 * Versions of the native protocol. The last magic byte of a connection names the version that the
 * client speaks; a server that doesn't know it answers {@code Refused(UNIMPLEMENTED)} in the
 * framing of version 1 and closes.
 *
 * <ul>
 *   <li>1: sessions, numbered writes, reads, sync, one-shot and persistent watches, status.
 * </ul>
 */
public final class ProtocolVersion {
  /** The version that this code speaks. */
  public static final int CURRENT = 1;

  private ProtocolVersion() {}
}
