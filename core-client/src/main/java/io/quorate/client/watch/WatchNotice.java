package io.quorate.client.watch;

import io.quorate.data.OpResult;
import io.quorate.data.WatchEvent;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell a listener: an event, a refusal, or, with neither, a resync: changes may have
 * been missed.
 *
 * @param listener as it was given to the table
 * @param event the change
 * @param last whether the watch is gone with this notice
 * @param refusal why no server will hold the persistent watch any more; always the last notice
 */
public record WatchNotice(
    Object listener, @Nullable WatchEvent event, boolean last, OpResult.@Nullable Failure refusal) {

  /** Of a change. */
  public static WatchNotice changed(Object listener, WatchEvent event, boolean last) {
    return new WatchNotice(listener, event, last, null);
  }

  public static WatchNotice resync(Object listener, boolean last) {
    return new WatchNotice(listener, null, last, null);
  }

  public static WatchNotice refused(Object listener, OpResult.Failure refusal) {
    return new WatchNotice(listener, null, true, refusal);
  }

  public boolean isResync() {
    return event == null && refusal == null;
  }
}
