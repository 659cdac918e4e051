package io.quorate.server.statemachine;

import io.quorate.data.CreateMode;
import io.quorate.data.WriteOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Operations over few paths, so that they meet; a few of them not valid. All from one seed. */
final class RandomOps {
  private static final String[] NAMES = {"a", "b", "c", "\u00e9", "a-", "zookeeper", "config"};
  private static final String[] BAD_PATHS = {
    "", "a", "/a/", "//", "/a//b", "/.", "/a/..", "/\0", "/a/\0b", "/\ud800", "/a\uffff"
  };
  private final Random random;

  RandomOps(Random random) {
    this.random = random;
  }

  WriteOp next(long zxidNow) {
    if (random.nextInt(6) > 0) {
      return single(zxidNow);
    }
    List<WriteOp> ops = new ArrayList<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      ops.add(single(zxidNow));
    }
    return new WriteOp.Multi(ops);
  }

  String path() {
    if (random.nextInt(20) == 0) {
      return BAD_PATHS[random.nextInt(BAD_PATHS.length)];
    }
    if (random.nextInt(20) == 0) {
      return "/";
    }
    StringBuilder path = new StringBuilder();
    int depth = 1 + random.nextInt(3);
    for (int i = 0; i < depth; i++) {
      path.append('/').append(NAMES[random.nextInt(NAMES.length)]);
    }
    return path.toString();
  }

  private WriteOp single(long zxidNow) {
    return switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> create();
      case 4, 5, 6 -> new WriteOp.Delete(path(), version());
      case 7 -> new WriteOp.SetData(path(), data(), version());
      case 8 -> new WriteOp.CheckVersion(path(), version());
      default -> new WriteOp.CheckCzxid(path(), random.nextLong(zxidNow + 1));
    };
  }

  private WriteOp create() {
    CreateMode mode = CreateMode.values()[random.nextInt(4)];
    String path = path();
    if (mode.isSequential() && random.nextBoolean() && path.length() > 1) {
      path += "/";
    }
    return new WriteOp.Create(path, data(), mode);
  }

  private byte[] data() {
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
