package io.quorate.server.transport.peer;

/** Why a connection on the peer port did not become, or did not remain, a link. */
enum Refusal {
  /** The first bytes are none that a server of an ensemble sends. */
  NOT_A_PEER(1),
  /** The other side speaks another version of the peer protocol. */
  VERSION(2),
  /** A handshake message out of order, too short, too long or unknown. */
  MALFORMED(3),
  /** A frame above the limit, or an empty one. */
  FRAME_SIZE(4),
  /** The bytes of a frame do not match their checksum. */
  CHECKSUM(5),
  /** The id that the other side gives is not among the members configured here. */
  UNKNOWN_PEER(6),
  /** The other side wanted to reach a server of another id. */
  WRONG_PEER(7),
  /** A configured address of another server leads back to this one. */
  SELF(8),
  /** The server with the lower id dialled; it is the higher one's part. */
  WRONG_DIRECTION(9),
  /** The other side does not prove that it knows the shared secret. */
  WRONG_SECRET(10),
  /** The handshake took longer than it may. */
  DEADLINE(11),
  /** Too many connections are in their handshake at once. */
  CROWDED(12),
  /** The link is blocked on purpose, by a test. */
  BLOCKED(13),
  /** The other side refused; its reason is in the text. */
  BY_PEER(14),
  /** More bytes wait for the peer than may. */
  OUTBOUND_FULL(15);

  private final byte wireNumber;

  Refusal(int wireNumber) {
    this.wireNumber = (byte) wireNumber;
  }

  byte wireNumber() {
    return wireNumber;
  }
}
