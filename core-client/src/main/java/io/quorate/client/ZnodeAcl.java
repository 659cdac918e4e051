package io.quorate.client;

import io.quorate.data.Acl;
import io.quorate.data.ZnodeStat;
import java.util.List;

/**
 * Who may do what with a znode.
 *
 * @param acl without duplicates; for readers without {@link Acl#ADMIN} the hashes of digest
 *     identities are masked
 * @param stat of the znode; its {@code aversion} is what {@link QuorateClient#setAcl(String, List,
 *     int)} compares
 */
public record ZnodeAcl(List<Acl> acl, ZnodeStat stat) {
  public ZnodeAcl {
    acl = List.copyOf(acl);
  }
}
