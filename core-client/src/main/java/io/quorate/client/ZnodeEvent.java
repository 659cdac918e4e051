package io.quorate.client;

/**
 * What a watch tells.
 *
 * @param path the znode concerned
 * @param zxid of the change; 0 for {@link Type#RESYNC}
 */
public record ZnodeEvent(Type type, String path, long zxid) {

  /** What happened to the znode. */
  public enum Type {
    CREATED,
    DELETED,
    DATA_CHANGED,
    CHILDREN_CHANGED,
    /**
     * Changes may have been missed: look again. A persistent watch goes on afterwards; a one-shot
     * watch is gone, like after any other event. Told after the loss of a session, after a move to
     * another server whose memory of changes does not reach back, when more was missed than a
     * client keeps, and by a one-shot watch that no server will hold any more.
     */
    RESYNC
  }
}
