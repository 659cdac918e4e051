package io.quorate.server.transport.client;

/**
 * User event, fired once through the pipeline of every connection before the client port closes: a
 * protocol that has a word for it says so to its client, who then need not find out by a time-out.
 */
public enum ServerClosing {
  EVENT
}
