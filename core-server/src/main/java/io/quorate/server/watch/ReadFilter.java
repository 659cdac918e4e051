package io.quorate.server.watch;

import io.quorate.data.Acl;
import java.util.List;

/** Who may hear of a znode: asked at each delivery, never remembered (W5). */
public interface ReadFilter {
  /**
   * Whether that connection may READ a znode with that access control list.
   *
   * @param acl as of the change
   */
  boolean mayRead(long connectionId, List<Acl> acl);
}
