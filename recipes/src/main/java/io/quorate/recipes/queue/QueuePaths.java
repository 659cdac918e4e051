package io.quorate.recipes.queue;

import io.quorate.data.ZnodePath;
import java.util.List;

/** The znodes of a queue; {@code docs/recipes/queue.md} shows them. */
record QueuePaths(String root) {
  /** Segments of a priority: folders of items, numbered by the server. */
  static final String SEGMENT = "s-";

  /** Items of a segment, numbered by the server. */
  static final String ITEM = "i-";

  private static final String FRONT = "front";

  String ready() {
    return root + "/ready";
  }

  String ready(int priority) {
    return ready() + "/" + priority;
  }

  /** What was delivered before and comes again, ahead of all segments. */
  String front(int priority) {
    return ready(priority) + "/" + FRONT;
  }

  String room() {
    return root + "/room";
  }

  String inflight() {
    return root + "/inflight";
  }

  String claims() {
    return root + "/claims";
  }

  String delayed() {
    return root + "/delayed";
  }

  String timers() {
    return root + "/timers";
  }

  String dead() {
    return root + "/dead";
  }

  String idle() {
    return root + "/idle";
  }

  String keepers() {
    return root + "/keepers";
  }

  List<String> folders() {
    return List.of(
        ready(), room(), inflight(), claims(), delayed(), timers(), dead(), idle(), keepers());
  }

  static String child(String folder, String id) {
    return ZnodePath.child(folder, id);
  }
}
