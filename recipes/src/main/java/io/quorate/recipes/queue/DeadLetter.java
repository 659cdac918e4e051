package io.quorate.recipes.queue;

/**
 * An item that was given up, with its bytes as they were put.
 *
 * @param id of the item, the same as in all its deliveries
 * @param reason for people
 * @param attempts how often it was delivered
 * @param payload not copied: nobody changes it
 */
public record DeadLetter(String id, String reason, int attempts, int priority, byte[] payload) {

  /** With the length of the payload in its place. */
  @Override
  public String toString() {
    return "DeadLetter[id=%s, reason=%s, attempts=%d, priority=%d, payload=%d bytes]"
        .formatted(id, reason, attempts, priority, payload.length);
  }
}
