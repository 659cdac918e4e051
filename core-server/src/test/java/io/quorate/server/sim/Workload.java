package io.quorate.server.sim;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Credential;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client asks for: few znodes, so that clients meet on them; every create carries a tag of
 * its own, so that it can be found again in the history.
 */
final class Workload {
  /** Parent of the znodes that take unversioned sets only. */
  static final String COUNTERS = "/cnt";

  static final String REGISTERS = "/reg";
  static final String SEQUENCES = "/seq";
  static final String EPHEMERALS = "/eph";
  static final String LOCK = "/lock";
  static final String STORE = "/store";
  static final String SCRATCH = "/tmp";

  /** Children of this one have access control lists. */
  static final String GUARDED = "/acl";

  /** Children of this one go by themselves. */
  static final String FLEETING = "/ttl";

  /** How the containers among them begin. */
  private static final String CONTAINERS = FLEETING + "/c";

  /** Under a quota of so many znodes and bytes. */
  static final String RATIONED = "/quo";

  private static final String QUOTA = "/zookeeper/quota" + RATIONED;
  static final String QUOTA_LIMITS = QUOTA + "/zookeeper_limits";

  /** So many with their root. */
  static final int RATIONED_ZNODES_MAX = 4;

  private static final int SIBLINGS = 3;

  private static final Identity ALICE = Identity.digest("alice", "a");
  private static final Identity BOB = Identity.digest("bob", "b");

  /** All that access control lists may name. */
  static final List<Identity> IDENTITIES = List.of(Identity.ANYONE, ALICE, BOB);

  private final int client;
  private final Xoshiro256 random;
  private final int[] registerVersions = new int[SIBLINGS];
  private final List<String> sequenced = new ArrayList<>();
  private long number = 1;

  Workload(int client, Xoshiro256 random) {
    this.client = client;
    this.random = random;
  }

  /** What its client presents at every server: nothing, one name or two. */
  List<Credential> credentials() {
    List<Credential> held = new ArrayList<>();
    for (String name : names()) {
      held.add(new Credential("digest", (name + ":" + name.charAt(0)).getBytes(US_ASCII)));
    }
    return held;
  }

  private List<String> names() {
    return switch (client % 4) {
      case 0 -> List.of("alice");
      case 1 -> List.of("bob");
      case 2 -> List.of("alice", "bob");
      default -> List.of();
    };
  }

  /** What servers must know its client by. */
  List<Identity> identities() {
    List<Identity> identities = new ArrayList<>();
    identities.add(new Identity(Identity.IP, ClientNetwork.HOST));
    for (String name : names()) {
      identities.add(name.equals("alice") ? ALICE : BOB);
    }
    return identities;
  }

  /** The znodes that everything else happens on, in order. */
  static List<String> foundation() {
    List<String> paths = new ArrayList<>();
    for (String parent :
        List.of(
            COUNTERS,
            REGISTERS,
            SEQUENCES,
            EPHEMERALS,
            LOCK,
            STORE,
            SCRATCH,
            GUARDED,
            FLEETING,
            QUOTA,
            QUOTA_LIMITS,
            RATIONED)) {
      paths.add(parent);
      if (parent.equals(COUNTERS) || parent.equals(REGISTERS)) {
        for (int i = 0; i < SIBLINGS; i++) {
          paths.add(parent + "/" + i);
        }
      }
    }
    return paths;
  }

  /** The create of one of these znodes. */
  Call found(String path) {
    byte[] data = path.equals(QUOTA_LIMITS) ? quotaText() : tag();
    return write(new WriteOp.Create(path, data, CreateMode.PERSISTENT));
  }

  static byte[] quotaText() {
    return ("countHardLimit=" + RATIONED_ZNODES_MAX + ",byteHardLimit=40").getBytes(US_ASCII);
  }

  /**
   * A write that saves a znode from a sweep that was proposed before it: new data, a later end, a
   * child, or a child that comes and goes.
   */
  Call race(String path) {
    long soon = random.between(100, 2_500);
    WriteOp.Create child =
        new WriteOp.Create(path + "/k", tag(), CreateMode.PERSISTENT_TTL, Acl.OPEN, soon, 0);
    return write(
        switch (random.below(4)) {
          case 0 -> new WriteOp.SetData(path, tag(), WriteOp.ANY_VERSION);
          case 1 -> child;
          case 2 -> path.startsWith(CONTAINERS) ? child : new WriteOp.SetExpiry(path, soon);
          default ->
              new WriteOp.Multi(
                  List.of(child, new WriteOp.Delete(child.path(), WriteOp.ANY_VERSION)));
        });
  }

  /** A container that is at its end at once: its child came and went. */
  Call emptiedContainer() {
    String path = CONTAINERS + random.below(SIBLINGS);
    WriteOp child = new WriteOp.Create(path + "/k", tag(), CreateMode.PERSISTENT);
    return write(
        new WriteOp.Multi(
            List.of(
                new WriteOp.Create(path, tag(), CreateMode.CONTAINER),
                child,
                new WriteOp.Delete(path + "/k", WriteOp.ANY_VERSION))));
  }

  /** Any call but those of the lock. */
  Call next() {
    if (random.chance(1, 4)) {
      return random.chance(1, 3) ? readGuarded() : special();
    }
    int choice = random.below(100);
    if (choice < 12) {
      return write(new WriteOp.Create(SEQUENCES + "/s-", tag(), CreateMode.PERSISTENT_SEQUENTIAL));
    } else if (choice < 18) {
      return write(
          new WriteOp.Create(
              EPHEMERALS + "/c" + client + "-" + random.below(SIBLINGS),
              tag(),
              CreateMode.EPHEMERAL));
    } else if (choice < 23) {
      return write(new WriteOp.Create(EPHEMERALS + "/e-", tag(), CreateMode.EPHEMERAL_SEQUENTIAL));
    } else if (choice < 29) {
      return write(
          new WriteOp.Create(
              SCRATCH + "/t" + random.below(SIBLINGS), tag(), CreateMode.PERSISTENT));
    } else if (choice < 34) {
      return write(
          new WriteOp.Delete(
              random.chance(1, 8) ? SCRATCH : SCRATCH + "/t" + random.below(SIBLINGS),
              random.chance(1, 2) ? WriteOp.ANY_VERSION : random.below(2)));
    } else if (choice < 46) {
      return write(
          new WriteOp.SetData(COUNTERS + "/" + random.below(SIBLINGS), tag(), WriteOp.ANY_VERSION));
    } else if (choice < 54) {
      int which = random.below(SIBLINGS);
      Call call =
          write(new WriteOp.SetData(REGISTERS + "/" + which, tag(), registerVersions[which]));
      call.then = () -> learnVersion(which, call.result);
      return call;
    } else if (choice < 62) {
      return write(multi());
    } else if (choice < 66 && !sequenced.isEmpty()) {
      return write(
          new WriteOp.Delete(
              sequenced.remove(random.below(sequenced.size())), WriteOp.ANY_VERSION));
    } else if (choice < 95) {
      return read();
    } else {
      return sync();
    }
  }

  /** A linearizable read of something that {@link #change} changes. */
  Call probe() {
    return read(new ReadOp.Get(COUNTERS + "/" + random.below(SIBLINGS)), true, false);
  }

  Call change() {
    return write(
        new WriteOp.SetData(COUNTERS + "/" + random.below(SIBLINGS), tag(), WriteOp.ANY_VERSION));
  }

  /** A write to what has access control, a lifetime or a quota. */
  private Call special() {
    return write(
        switch (random.below(5)) {
          case 0, 1 -> guardedWrite();
          case 2, 3 -> fleetingWrite();
          default -> rationedWrite();
        });
  }

  private String guarded() {
    String path = GUARDED + "/a" + random.below(SIBLINGS);
    return random.chance(1, 4) ? path + "/b" : path;
  }

  /** Valid lists and others, some of which lock their giver out. */
  private List<Acl> acl() {
    return switch (random.below(8)) {
      case 0 -> Acl.OPEN;
      case 1 -> Acl.READ_ONLY;
      case 2 -> Acl.CREATOR_ALL; // not valid for who has no name
      case 3 -> List.of(new Acl(Acl.ALL, ALICE));
      case 4 -> List.of(new Acl(Acl.ALL, BOB), new Acl(Acl.READ, Identity.ANYONE));
      case 5 -> List.of(new Acl(Acl.READ | Acl.WRITE, ALICE), new Acl(Acl.ADMIN, BOB));
      case 6 -> List.of(new Acl(Acl.ALL, ALICE), new Acl(Acl.ALL, ALICE));
      default -> List.of(new Acl(Acl.ALL, new Identity("sms", "alice"))); // no such scheme
    };
  }

  private WriteOp guardedWrite() {
    String path = guarded();
    return switch (random.below(9)) {
      case 0, 1, 2 -> new WriteOp.Create(path, tag(), CreateMode.PERSISTENT, acl(), 0, 0);
      case 3, 4 ->
          new WriteOp.SetAcl(
              path, acl(), random.chance(1, 2) ? WriteOp.ANY_VERSION : random.below(3));
      case 5 -> new WriteOp.SetData(path, tag(), WriteOp.ANY_VERSION);
      case 6, 7 -> new WriteOp.Delete(path, WriteOp.ANY_VERSION);
      default -> new WriteOp.CheckVersion(path, 0);
    };
  }

  private Call readGuarded() {
    ReadOp op = guardedRead();
    boolean leavesWatch =
        op instanceof ReadOp.Get || op instanceof ReadOp.Exists || op instanceof ReadOp.Children;
    return read(op, random.chance(1, 3), leavesWatch && number % 2 == 0);
  }

  private ReadOp guardedRead() {
    String path = guarded();
    return switch (random.below(9)) {
      case 0 -> new ReadOp.Get(path);
      case 1 -> new ReadOp.Exists(path);
      case 2, 3 -> new ReadOp.GetAcl(path);
      case 4 -> new ReadOp.Children(random.chance(1, 2) ? GUARDED : path, "", 10);
      case 5 -> new ReadOp.SubtreeCount(random.chance(1, 2) ? GUARDED : SEQUENCES);
      case 6 ->
          new ReadOp.Ephemerals(
              random.chance(1, 2) ? "" : EPHEMERALS,
              random.chance(1, 2) ? "" : EPHEMERALS + "/e-",
              (int) random.between(1, 5));
      case 7 ->
          new ReadOp.Children(
              random.chance(1, 2) ? SEQUENCES : FLEETING, "s-00000000", (int) random.between(1, 4));
      default -> new ReadOp.WhoAmI();
    };
  }

  private WriteOp fleetingWrite() {
    int which = random.below(SIBLINGS);
    long soon = random.between(100, 2_500);
    String container = CONTAINERS + which;
    return switch (random.below(11)) {
      case 0, 1 ->
          new WriteOp.Create(
              FLEETING + "/t" + which, tag(), CreateMode.PERSISTENT_TTL, Acl.OPEN, soon, 0);
      case 2 ->
          new WriteOp.Create(
              FLEETING + "/s-", tag(), CreateMode.PERSISTENT_SEQUENTIAL_TTL, Acl.OPEN, soon, 0);
      case 3 ->
          new WriteOp.Create(
              FLEETING + "/x" + which, tag(), CreateMode.PERSISTENT, Acl.OPEN, 0, soon);
      case 4 -> new WriteOp.SetExpiry(FLEETING + "/x" + which, random.chance(1, 4) ? 0 : soon);
      case 5 -> new WriteOp.SetData(FLEETING + "/t" + which, tag(), WriteOp.ANY_VERSION);
      case 6, 7 -> new WriteOp.Create(container, tag(), CreateMode.CONTAINER);
      case 8, 9 ->
          new WriteOp.Create(
              container + "/k",
              tag(),
              random.chance(1, 2) ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT_TTL,
              Acl.OPEN,
              random.chance(1, 2) ? soon : 0, // legal with one of the two only
              0);
      default -> new WriteOp.Delete(container + "/k", WriteOp.ANY_VERSION);
    };
  }

  private WriteOp rationedWrite() {
    String path = RATIONED + "/q" + random.below(6);
    return switch (random.below(4)) {
      case 0, 1 -> new WriteOp.Create(path, tag(), CreateMode.PERSISTENT);
      case 2 -> new WriteOp.Delete(path, WriteOp.ANY_VERSION);
      default -> new WriteOp.SetData(RATIONED, new byte[random.below(40)], WriteOp.ANY_VERSION);
    };
  }

  private WriteOp multi() {
    List<WriteOp> ops = new ArrayList<>();
    int count = (int) random.between(1, 4);
    for (int i = 0; i < count; i++) {
      int which = random.below(SIBLINGS);
      if (random.chance(1, 4)) {
        ops.add(
            switch (random.below(4)) {
              case 0 -> new WriteOp.Read(guardedRead());
              case 1 -> new WriteOp.Read(new ReadOp.Get(REGISTERS + "/" + which));
              case 2 -> guardedWrite();
              default -> fleetingWrite();
            });
        continue;
      }
      switch (random.below(7)) {
        case 0 ->
            ops.add(new WriteOp.CheckVersion(REGISTERS + "/" + which, registerVersions[which]));
        case 1 -> ops.add(new WriteOp.SetData(REGISTERS + "/" + which, tag(), WriteOp.ANY_VERSION));
        case 2 -> ops.add(new WriteOp.Create(SCRATCH + "/t" + which, tag(), CreateMode.PERSISTENT));
        case 3 -> ops.add(new WriteOp.Delete(SCRATCH + "/t" + which, WriteOp.ANY_VERSION));
        case 4 ->
            ops.add(new WriteOp.Create(EPHEMERALS + "/m-", tag(), CreateMode.EPHEMERAL_SEQUENTIAL));
        case 5 -> ops.add(new WriteOp.CheckCzxid(REGISTERS + "/" + which, random.between(1, 9)));
        default -> ops.add(new WriteOp.SetData(STORE, tag(), WriteOp.ANY_VERSION));
      }
    }
    return new WriteOp.Multi(ops);
  }

  private Call read() {
    boolean linearizable = random.chance(1, 3);
    boolean watch = random.chance(2, 5);
    int which = random.below(SIBLINGS);
    ReadOp op =
        switch (random.below(7)) {
          case 0 -> new ReadOp.Get(COUNTERS + "/" + which);
          case 1 -> new ReadOp.Get(REGISTERS + "/" + which);
          case 2 -> new ReadOp.Exists(SCRATCH + "/t" + which);
          case 3 -> new ReadOp.Children(EPHEMERALS, "", (int) random.between(2, 100));
          case 4 -> new ReadOp.Children(SCRATCH, "", 100);
          case 5 -> new ReadOp.Get(SCRATCH + "/t" + which);
          default -> new ReadOp.Exists(EPHEMERALS + "/c" + client + "-" + which);
        };
    Call call = read(op, linearizable, watch);
    if (op instanceof ReadOp.Get && op.path().startsWith(REGISTERS)) {
      call.then = () -> learnVersion(which, call.result);
    }
    return call;
  }

  private void learnVersion(int which, @Nullable OpResult result) {
    if (result instanceof OpResult.Data data) {
      registerVersions[which] = data.stat().version();
    } else if (result instanceof OpResult.DataSet set) {
      registerVersions[which] = set.stat().version();
    }
  }

  Call write(WriteOp op) {
    Call call = Call.write(client, number++, op);
    if (op instanceof WriteOp.Create create && create.path().startsWith(SEQUENCES + "/")) {
      call.then =
          () -> {
            if (call.result instanceof OpResult.Created created) {
              sequenced.add(created.path());
            }
          };
    }
    return call;
  }

  Call read(ReadOp op, boolean linearizable, boolean watch) {
    return Call.read(client, number++, op, linearizable, watch);
  }

  /** Something to watch for good. */
  String watched(boolean recursive) {
    if (recursive && random.chance(1, 6)) {
      return "/";
    }
    return switch (random.below(7)) {
      case 0 -> COUNTERS;
      case 1 -> COUNTERS + "/" + random.below(SIBLINGS);
      case 2 -> SCRATCH;
      case 3 -> SCRATCH + "/t" + random.below(SIBLINGS);
      case 4 -> EPHEMERALS;
      case 5 -> FLEETING;
      default -> guarded();
    };
  }

  Call addWatch() {
    return Call.addWatch(client, number++);
  }

  Call sync() {
    return Call.sync(client, number++);
  }

  Call close() {
    return Call.close(client, number++);
  }

  /** Data that names this client and the call to come; never twice the same. */
  byte[] tag() {
    return ("c" + client + ":" + tags++).getBytes(StandardCharsets.UTF_8);
  }

  private long tags;
}
