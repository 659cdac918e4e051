package io.quorate.server.watch;

import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;

/**
 * Which change fires which watch. The recursive kind looks at the path and all below, every other
 * kind at its path.
 *
 * <table>
 * <caption>Kinds of watches and types of changes</caption>
 * <tr><th></th><th>DATA</th><th>EXIST</th><th>CHILDREN</th><th>PERSISTENT</th>
 *     <th>PERSISTENT_RECURSIVE</th></tr>
 * <tr><td>NODE_CREATED</td><td></td><td>yes</td><td></td><td>yes</td><td>yes</td></tr>
 * <tr><td>NODE_DELETED</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * <tr><td>NODE_DATA_CHANGED</td><td>yes</td><td>yes</td><td></td><td>yes</td><td>yes</td></tr>
 * <tr><td>NODE_CHILDREN_CHANGED</td><td></td><td></td><td>yes</td><td>yes</td><td></td></tr>
 * </table>
 */
final class WatchTrigger {
  private WatchTrigger() {}

  static boolean fires(WatchKind kind, WatchEvent.Type type) {
    return switch (kind) {
      case DATA ->
          type == WatchEvent.Type.NODE_DATA_CHANGED || type == WatchEvent.Type.NODE_DELETED;
      case EXIST, PERSISTENT_RECURSIVE -> type != WatchEvent.Type.NODE_CHILDREN_CHANGED;
      case CHILDREN ->
          type == WatchEvent.Type.NODE_CHILDREN_CHANGED || type == WatchEvent.Type.NODE_DELETED;
      case PERSISTENT -> true;
    };
  }
}
