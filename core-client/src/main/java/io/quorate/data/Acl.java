package io.quorate.data;

import java.util.List;

/**
 * One entry of the access control list of a znode: what somebody may do with it. The permissions,
 * their numbers and their meaning are ZooKeeper's; the list of a znode is its own, children do not
 * inherit it.
 *
 * @param permissions sum of {@link #READ}, {@link #WRITE}, {@link #CREATE}, {@link #DELETE}, {@link
 *     #ADMIN}
 * @param identity who may
 */
public record Acl(int permissions, Identity identity) {
  /** Read data, children and the list itself. */
  public static final int READ = 1;

  /** Replace the data. */
  public static final int WRITE = 2;

  /** Create children. */
  public static final int CREATE = 4;

  /** Delete children. */
  public static final int DELETE = 8;

  /** Replace the list. */
  public static final int ADMIN = 16;

  public static final int ALL = 31;

  /** Everybody may do everything: the list of a znode that was created without one. */
  public static final List<Acl> OPEN = List.of(new Acl(ALL, Identity.ANYONE));

  /** Everybody may read, nobody may change. */
  public static final List<Acl> READ_ONLY = List.of(new Acl(READ, Identity.ANYONE));

  /** Everybody who has one of the creator's authenticated identities may do everything. */
  public static final List<Acl> CREATOR_ALL = List.of(new Acl(ALL, new Identity("auth", "")));

  public boolean allows(int permission) {
    return (permissions & permission) != 0;
  }
}
