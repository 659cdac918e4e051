package io.quorate.client.watch;

import io.quorate.data.WatchEvent;
import org.jspecify.annotations.Nullable;

/**
 * Something to tell a listener.
 *
 * @param listener as it was given to the table
 * @param event the change; null for a resync: changes may have been missed
 * @param last whether the watch is gone with this notice
 */
public record WatchNotice(Object listener, @Nullable WatchEvent event, boolean last) {}
