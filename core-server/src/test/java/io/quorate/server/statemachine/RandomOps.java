package io.quorate.server.statemachine;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.Identity;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Operations over few paths, so that they meet; a few of them not valid. All from one seed. */
public final class RandomOps {
  static final Identity ANN = Identity.digest("ann", "1");
  static final Identity BOB = Identity.digest("bob", "2");
  static final Identity HERE = new Identity("ip", "10.0.0.1");

  private static final String[] NAMES = {"a", "b", "c", "\u00e9", "a-", "zookeeper", "config"};
  private static final String[] BAD_PATHS = {
    "", "a", "/a/", "//", "/a//b", "/.", "/a/..", "/\0", "/a/\0b", "/\ud800", "/a\uffff"
  };
  private static final String[] QUOTA_PATHS = {
    "/zookeeper/quota/a",
    "/zookeeper/quota/a/zookeeper_limits",
    "/zookeeper/quota/a/zookeeper_stats",
    "/zookeeper/quota/a/b",
    "/zookeeper/quota/a/b/zookeeper_limits",
    "/zookeeper/quota/zookeeper_limits",
  };
  private static final String[] LIMITS = {
    "count=2,bytes=9=;byteHardLimit=12;countHardLimit=4",
    "countHardLimit=3",
    "byteHardLimit=6,bytes=1",
    "count=-1,bytes=-1",
    "nonsense,count,=,countHardLimit=x",
    "countHardLimit=12;byteHardLimit=40",
  };
  private static final List<List<Acl>> LISTS =
      List.of(
          Acl.READ_ONLY,
          Acl.CREATOR_ALL,
          List.of(new Acl(Acl.ALL, ANN)),
          List.of(new Acl(Acl.READ | Acl.CREATE, Identity.ANYONE), new Acl(Acl.ALL, BOB)),
          List.of(new Acl(Acl.ADMIN, Identity.ANYONE), new Acl(Acl.ALL, ANN)),
          List.of(new Acl(Acl.WRITE | Acl.DELETE, Identity.ANYONE), new Acl(Acl.READ, HERE)),
          List.of(new Acl(Acl.READ, ANN), new Acl(Acl.READ, ANN), new Acl(Acl.ADMIN, BOB)),
          List.of(),
          List.of(new Acl(Acl.ALL, new Identity("sasl", "x"))),
          List.of(new Acl(0, Identity.ANYONE)));

  private final Random random;

  public RandomOps(Random random) {
    this.random = random;
  }

  /** Who a connection is. */
  public List<Identity> identities() {
    return switch (random.nextInt(5)) {
      case 0 -> List.of();
      case 1 -> List.of(HERE, ANN);
      case 2 -> List.of(HERE, BOB, ANN);
      case 3 -> List.of(HERE, BOB);
      default -> List.of(HERE, new Identity("super", ""));
    };
  }

  public WriteOp next(long zxidNow) {
    if (random.nextInt(6) > 0) {
      return single(zxidNow);
    }
    List<WriteOp> ops = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      ops.add(random.nextInt(4) == 0 ? new WriteOp.Read(read()) : single(zxidNow));
    }
    return new WriteOp.Multi(ops);
  }

  ReadOp read() {
    return switch (random.nextInt(7)) {
      case 0 -> new ReadOp.Get(path());
      case 1 -> new ReadOp.Exists(path());
      case 2 -> new ReadOp.Children(path(), "", 1 + random.nextInt(5));
      case 3 -> new ReadOp.GetAcl(path());
      case 4 ->
          random.nextBoolean()
              ? new ReadOp.SubtreeCount(path())
              : new ReadOp.SubtreeCount(path(), random.nextInt(4));
      case 5 ->
          new ReadOp.Ephemerals(
              random.nextBoolean() ? "/" : path(), random.nextBoolean() ? "" : path(), 3);
      default -> new ReadOp.WhoAmI();
    };
  }

  String path() {
    if (random.nextInt(20) == 0) {
      return BAD_PATHS[random.nextInt(BAD_PATHS.length)];
    }
    if (random.nextInt(20) == 0) {
      return "/";
    }
    if (random.nextInt(10) == 0) {
      return QUOTA_PATHS[random.nextInt(QUOTA_PATHS.length)];
    }
    StringBuilder path = new StringBuilder();
    int depth = 1 + random.nextInt(3);
    for (int i = 0; i < depth; i++) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  private WriteOp single(long zxidNow) {
    String path = path();
    return switch (random.nextInt(13)) {
      case 0, 1, 2, 3 -> create(path);
      case 4, 5, 6 -> new WriteOp.Delete(path, version());
      case 7, 8 -> new WriteOp.SetData(path, data(path), version());
      case 9 -> new WriteOp.CheckVersion(path, version());
      case 10 -> new WriteOp.SetAcl(path, acl(), version());
      case 11 -> new WriteOp.SetExpiry(path, random.nextInt(8) == 0 ? -1 : after());
      default -> new WriteOp.CheckCzxid(path, random.nextLong(zxidNow + 1));
    };
  }

  private WriteOp create(String path) {
    CreateMode mode = CreateMode.values()[random.nextInt(7)];
    String given = path;
    if (mode.isSequential() && random.nextBoolean() && path.length() > 1) {
      given += "/";
    }
    boolean odd = random.nextInt(20) == 0;
    long ttl = mode.hasTtl() != odd ? 1 + random.nextInt(300) : 0;
    return new WriteOp.Create(given, data(path), mode, acl(), ttl, after());
  }

  private long after() {
    return random.nextInt(4) == 0 ? 1 + random.nextInt(400) : 0;
  }

  private List<Acl> acl() {
    return random.nextInt(3) == 0 ? LISTS.get(random.nextInt(LISTS.size())) : Acl.OPEN;
  }

  private byte[] data(String path) {
    if (path.endsWith("zookeeper_limits")) {
      return LIMITS[random.nextInt(LIMITS.length)].getBytes(StandardCharsets.US_ASCII);
    }
    int length = random.nextInt(6) - 1;
    if (length < 0) {
      return null;
    }
    byte[] data = new byte[length];
    random.nextBytes(data);
    return data;
  }

  private int version() {
    return random.nextInt(3) == 0 ? random.nextInt(3) : -1;
  }
}
