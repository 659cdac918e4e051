package io.quorate.recipes.discovery;

import io.quorate.client.QuorateException;

/**
 * Another owner has the id: another process, another registration of this one, or the session of a
 * process that died and was not missed yet. The registration goes on waiting for its end.
 */
public final class InstanceTakenException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final String path;
  private final long ownerSession;

  InstanceTakenException(String message, String path, long ownerSession) {
    super(message);
    this.path = path;
    this.ownerSession = ownerSession;
  }

  /** Of the znode that is in the way. */
  public String path() {
    return path;
  }

  /** Id of the session that owns it; 0 if it is persistent, so that nobody's end will free it. */
  public long ownerSession() {
    return ownerSession;
  }
}
