package io.quorate.client;

/** Hears of changes to a znode. Called on the client's callback executor, never twice at once. */
@FunctionalInterface
public interface WatchListener {
  /** What it throws is logged and hurts nobody else. */
  void onEvent(ZnodeEvent event);
}
