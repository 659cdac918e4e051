package io.quorate.recipes.discovery;

import io.quorate.client.QuorateException;

/**
 * Nothing to pick: the service has no instance that takes work, or the view is not loaded or too
 * old. The message says which.
 */
public final class NoInstanceException extends QuorateException {
  private static final long serialVersionUID = 1L;

  private final String service;

  NoInstanceException(String service, String why) {
    super("no instance of service " + service + " to pick: " + why);
    this.service = service;
  }

  public String service() {
    return service;
  }
}
