/**
 * Central configuration: a typed value in one znode, and several keys as of one zxid.
 *
 * <ul>
 *   <li><b>Guarantee:</b> values are seen in the order in which they were written, never an older
 *       one after a newer; the last one is always seen; what is absent, corrupt or invalid is told
 *       and leaves the last good value in place. A change is made on the value that it was computed
 *       from, or not at all.
 *   <li><b>Disconnect:</b> the last good value stays; {@code age()} says how old it may be.
 *   <li><b>Session expiry:</b> the value is read again in the next session, then {@code onSynced}
 *       is told.
 *   <li><b>Cost:</b> a change costs each reader one event and one read; an update costs a read and
 *       a write.
 * </ul>
 *
 * <p>Starting points: {@link io.quorate.recipes.config.Config}, then {@code ZnodeFollower} and
 * {@code ConfigWrite}; {@link io.quorate.recipes.config.ConfigTree}. Each handle is confined to a
 * serial executor of its own, and each listener runs on another.
 */
@NullMarked
package io.quorate.recipes.config;

import org.jspecify.annotations.NullMarked;
