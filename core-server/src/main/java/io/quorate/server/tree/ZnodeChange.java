package io.quorate.server.tree;

import io.quorate.data.Acl;
import io.quorate.data.WatchEvent;
import java.util.List;

/**
 * One change that watches may hear of.
 *
 * @param path the znode concerned
 * @param zxid the entry that made the change
 * @param acl the access control list of the znode concerned, at the change (of a deleted one: the
 *     last): who may not READ it is not told
 */
public record ZnodeChange(WatchEvent.Type type, String path, long zxid, List<Acl> acl) {
  /** Of a znode that is open to everybody. */
  public ZnodeChange(WatchEvent.Type type, String path, long zxid) {
    this(type, path, zxid, Acl.OPEN);
  }
}
