package io.quorate.server.statemachine;

import static io.quorate.data.ErrorCode.BAD_ARGUMENTS;
import static io.quorate.data.ErrorCode.BAD_VERSION;
import static io.quorate.data.ErrorCode.CZXID_MISMATCH;
import static io.quorate.data.ErrorCode.INVALID_ACL;
import static io.quorate.data.ErrorCode.NODE_EXISTS;
import static io.quorate.data.ErrorCode.NOT_EMPTY;
import static io.quorate.data.ErrorCode.NO_AUTH;
import static io.quorate.data.ErrorCode.NO_CHILDREN_FOR_EPHEMERALS;
import static io.quorate.data.ErrorCode.NO_NODE;
import static io.quorate.data.ErrorCode.QUOTA_EXCEEDED;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.server.tree.TreeLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The order of the checks of each operation: a row fails the check that gives its error and also
 * the next one that can fail at the same time, or, the last row of an operation, that check alone.
 */
class OrderOfChecksTest {
  private static final Identity ANN = Identity.digest("ann", "1");
  private static final List<Acl> ANN_ONLY = List.of(new Acl(Acl.ALL, ANN));
  private static final List<Acl> NOT_VALID = List.of(new Acl(Acl.ALL, new Identity("none", "")));
  private static final byte[] TOO_MUCH = new byte[TreeLimits.DATA_BYTES_MAX + 1];
  private static final byte[] MORE = new byte[9];
  private static final int WRONG = 9;

  private Subject subject;

  /**
   * Open: /open with /open/kid, /e ephemeral, /full at its hard quotas with /full/kid. Ann's alone:
   * /shut with an open /shut/kid, /shut/e ephemeral and hers, /full/shut.
   */
  @BeforeEach
  void tree() {
    subject = new Subject();
    have("/open", Acl.OPEN, CreateMode.PERSISTENT);
    have("/open/kid", Acl.OPEN, CreateMode.PERSISTENT);
    have("/e", Acl.OPEN, CreateMode.EPHEMERAL);
    have("/full", Acl.OPEN, CreateMode.PERSISTENT);
    have("/full/kid", Acl.OPEN, CreateMode.PERSISTENT);
    have("/full/shut", ANN_ONLY, CreateMode.PERSISTENT);
    have("/shut", ANN_ONLY, CreateMode.PERSISTENT);
    have("/shut/kid", Acl.OPEN, CreateMode.PERSISTENT);
    have("/shut/e", ANN_ONLY, CreateMode.EPHEMERAL);
    quota("full", "countHardLimit=3;byteHardLimit=3");
    quota("e", "countHardLimit=1");
  }

  private void have(String path, List<Acl> acl, CreateMode mode) {
    OpResult made =
        subject.write(List.of(ANN), new WriteOp.Create(path, new byte[] {1}, mode, acl, 0, 0));
    assertThat(made).isInstanceOf(OpResult.Created.class);
  }

  private void quota(String of, String limits) {
    subject.create("/zookeeper/quota/" + of);
    subject.write(
        new WriteOp.Create(
            "/zookeeper/quota/" + of + "/zookeeper_limits",
            limits.getBytes(US_ASCII),
            CreateMode.PERSISTENT));
  }

  private static Arguments row(ErrorCode wins, Object op) {
    return arguments(op, wins);
  }

  private static WriteOp create(String path, byte[] data, List<Acl> acl) {
    return new WriteOp.Create(path, data, CreateMode.PERSISTENT, acl, 0, 0);
  }

  private static WriteOp create(CreateMode mode, long ttl, long expireAfter) {
    return new WriteOp.Create("/none/x", null, mode, NOT_VALID, ttl, expireAfter);
  }

  static Stream<Arguments> creates() {
    long tooLong = TreeLimits.LIFETIME_MILLIS_MAX + 1;
    return Stream.of(
        // the arguments, before the list
        row(BAD_ARGUMENTS, new WriteOp.Create("/none/x", null, null, NOT_VALID, 0, 0)),
        row(BAD_ARGUMENTS, create("/none/x", TOO_MUCH, NOT_VALID)),
        row(BAD_ARGUMENTS, create("none", null, NOT_VALID)),
        row(BAD_ARGUMENTS, create("/none/\0", null, NOT_VALID)),
        row(BAD_ARGUMENTS, create(CreateMode.PERSISTENT_TTL, 0, 0)),
        row(BAD_ARGUMENTS, create(CreateMode.PERSISTENT_TTL, -1, 0)),
        row(BAD_ARGUMENTS, create(CreateMode.PERSISTENT_SEQUENTIAL_TTL, tooLong, 0)),
        row(BAD_ARGUMENTS, create(CreateMode.PERSISTENT, 1, 0)),
        row(BAD_ARGUMENTS, create(CreateMode.EPHEMERAL, 1, 0)),
        row(BAD_ARGUMENTS, create(CreateMode.CONTAINER, 1, 0)),
        row(BAD_ARGUMENTS, create(CreateMode.PERSISTENT, 0, -1)),
        row(BAD_ARGUMENTS, create(CreateMode.PERSISTENT, 0, tooLong)),
        // the list, before the parent
        row(INVALID_ACL, create("/none/x", null, NOT_VALID)),
        row(INVALID_ACL, create("/none/x", null, List.of())),
        row(INVALID_ACL, create("/none/x", null, null)),
        row(INVALID_ACL, create("/none/x", null, Acl.CREATOR_ALL)),
        row(INVALID_ACL, create("/shut/x", null, NOT_VALID)),
        // the parent, before the whole path
        row(NO_NODE, create("/none/.", null, Acl.OPEN)),
        // CREATE on it, before the whole path, what is there, and an ephemeral parent
        row(NO_AUTH, create("/shut/.", null, Acl.OPEN)),
        row(NO_AUTH, create("/shut/kid", null, Acl.OPEN)),
        row(NO_AUTH, create("/shut/e/x", null, Acl.OPEN)),
        row(NO_AUTH, create("/zookeeper/config/x", null, Acl.OPEN)),
        // the whole path, before an ephemeral parent
        row(BAD_ARGUMENTS, create("/e/.", null, Acl.OPEN)),
        row(BAD_ARGUMENTS, create("/full/.", null, Acl.OPEN)),
        // what is there, before quotas
        row(NODE_EXISTS, create("/full/kid", null, Acl.OPEN)),
        // an ephemeral parent, before quotas
        row(NO_CHILDREN_FOR_EPHEMERALS, create("/e/x", null, Acl.OPEN)),
        row(QUOTA_EXCEEDED, create("/full/x", null, Acl.OPEN)));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        row(BAD_ARGUMENTS, new WriteOp.Delete("/", WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.Delete("/zookeeper", WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.Delete("/zookeeper/config", WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.Delete("/zookeeper/quota", WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.Delete("none", WRONG)),
        row(NO_NODE, new WriteOp.Delete("/none/x", WRONG)),
        row(NO_AUTH, new WriteOp.Delete("/shut/none", WRONG)),
        row(NO_AUTH, new WriteOp.Delete("/shut/kid", WRONG)),
        row(NO_AUTH, new WriteOp.Delete("/zookeeper/config/x", WRONG)),
        row(NO_NODE, new WriteOp.Delete("/open/none", WRONG)),
        row(BAD_VERSION, new WriteOp.Delete("/open", WRONG)),
        row(NOT_EMPTY, new WriteOp.Delete("/shut", 0)),
        row(BAD_ARGUMENTS, new WriteOp.SetData("/none", TOO_MUCH, WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.SetData("none", null, WRONG)),
        row(NO_NODE, new WriteOp.SetData("/none", null, WRONG)),
        row(NO_AUTH, new WriteOp.SetData("/full/shut", MORE, WRONG)),
        row(NO_AUTH, new WriteOp.SetData("/shut", null, WRONG)),
        row(NO_AUTH, new WriteOp.SetData("/zookeeper/config", null, WRONG)),
        row(QUOTA_EXCEEDED, new WriteOp.SetData("/full/kid", MORE, WRONG)),
        row(BAD_VERSION, new WriteOp.SetData("/full/kid", null, WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.SetAcl("none", NOT_VALID, WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.SetAcl("/open/", List.of(), WRONG)),
        row(INVALID_ACL, new WriteOp.SetAcl("/none", NOT_VALID, WRONG)),
        row(INVALID_ACL, new WriteOp.SetAcl("/shut", Acl.CREATOR_ALL, WRONG)),
        row(NO_NODE, new WriteOp.SetAcl("/none", Acl.OPEN, WRONG)),
        row(NO_AUTH, new WriteOp.SetAcl("/shut", Acl.OPEN, WRONG)),
        row(NO_AUTH, new WriteOp.SetAcl("/zookeeper/config", Acl.OPEN, WRONG)),
        row(BAD_VERSION, new WriteOp.SetAcl("/open", Acl.OPEN, WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.CheckVersion("none", WRONG)),
        row(NO_NODE, new WriteOp.CheckVersion("/none", WRONG)),
        row(NO_AUTH, new WriteOp.CheckVersion("/shut", WRONG)),
        row(BAD_VERSION, new WriteOp.CheckVersion("/open", WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.CheckCzxid("none", WRONG)),
        row(NO_NODE, new WriteOp.CheckCzxid("/none", WRONG)),
        row(NO_AUTH, new WriteOp.CheckCzxid("/shut", WRONG)),
        row(CZXID_MISMATCH, new WriteOp.CheckCzxid("/open", WRONG)),
        row(BAD_ARGUMENTS, new WriteOp.SetExpiry("none", 1)),
        row(BAD_ARGUMENTS, new WriteOp.SetExpiry("/none", -1)),
        row(BAD_ARGUMENTS, new WriteOp.SetExpiry("/none", TreeLimits.LIFETIME_MILLIS_MAX + 1)),
        row(BAD_ARGUMENTS, new WriteOp.SetExpiry("/zookeeper/config", 1)),
        row(BAD_ARGUMENTS, new WriteOp.SetExpiry("/", 1)),
        row(NO_NODE, new WriteOp.SetExpiry("/none", 1)),
        row(NO_AUTH, new WriteOp.SetExpiry("/shut", 1)));
  }

  static Stream<Arguments> reads() {
    return Stream.of(
        row(NO_NODE, new ReadOp.Get("/none")),
        row(NO_AUTH, new ReadOp.Get("/shut")),
        row(NO_NODE, new ReadOp.Children("/none", "", 1)),
        row(NO_AUTH, new ReadOp.Children("/shut", "", 1)),
        row(BAD_ARGUMENTS, new ReadOp.Exists("/shut\0")),
        row(NO_AUTH, new ReadOp.Exists("/shut")),
        row(NO_NODE, new ReadOp.GetAcl("/none")),
        row(NO_AUTH, new ReadOp.GetAcl("/shut")),
        row(NO_NODE, new ReadOp.SubtreeCount("/none")),
        row(NO_AUTH, new ReadOp.SubtreeCount("/shut")));
  }

  @ParameterizedTest
  @MethodSource({"creates", "others"})
  void firstFailingCheck_givesTheError_aloneAndInAMulti(WriteOp op, ErrorCode wins) {
    assertThat(code(subject.write(op))).isEqualTo(wins);
    assertThat(subject.last.changes()).isEmpty();
    OpResult.Failure inMulti =
        (OpResult.Failure) subject.multi(new WriteOp.CheckVersion("/", -1), op);
    assertThat(inMulti.code()).isEqualTo(wins);
    assertThat(inMulti.opIndex()).isEqualTo(1);
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
  }

  @ParameterizedTest
  @MethodSource("reads")
  void firstFailingCheckOfARead_givesTheError_aloneAndInAMulti(ReadOp op, ErrorCode wins) {
    assertThat(code(subject.machine.read(op, new Caller(subject.session, List.of()))))
        .isEqualTo(wins);
    assertThat(code(subject.multi(new WriteOp.Read(op)))).isEqualTo(wins);
    if (wins == NO_AUTH) {
      assertThat(subject.machine.read(op, new Caller(subject.session, List.of(ANN))))
          .isNotInstanceOf(OpResult.Failure.class);
    }
  }

  /** Every operation, and the sum of the permissions of which one lets it pass. */
  enum Operation {
    CREATE(Acl.CREATE),
    DELETE(Acl.DELETE),
    SET_DATA(Acl.WRITE),
    SET_ACL(Acl.ADMIN),
    SET_EXPIRY(Acl.WRITE),
    CHECK_VERSION(Acl.READ),
    CHECK_CZXID(Acl.READ),
    GET(Acl.READ),
    EXISTS(Acl.READ),
    CHILDREN(Acl.READ),
    SUBTREE_COUNT(Acl.READ),
    GET_ACL(Acl.READ | Acl.ADMIN);

    private final int needed;

    Operation(int needed) {
      this.needed = needed;
    }

    private WriteOp on(String path, long czxid) {
      return switch (this) {
        case CREATE -> new WriteOp.Create(path + "/x", null, CreateMode.PERSISTENT);
        case DELETE -> new WriteOp.Delete(path + "/kid", -1);
        case SET_DATA -> new WriteOp.SetData(path, null, -1);
        case SET_ACL -> new WriteOp.SetAcl(path, Acl.OPEN, -1);
        case SET_EXPIRY -> new WriteOp.SetExpiry(path, 1);
        case CHECK_VERSION -> new WriteOp.CheckVersion(path, -1);
        case CHECK_CZXID -> new WriteOp.CheckCzxid(path, czxid);
        case GET -> new WriteOp.Read(new ReadOp.Get(path));
        case EXISTS -> new WriteOp.Read(new ReadOp.Exists(path));
        case CHILDREN -> new WriteOp.Read(new ReadOp.Children(path, "", 1));
        case SUBTREE_COUNT -> new WriteOp.Read(new ReadOp.SubtreeCount(path));
        case GET_ACL -> new WriteOp.Read(new ReadOp.GetAcl(path));
      };
    }
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void operation_passesWithItsPermissionOnly(Operation operation) {
    int passed = 0;
    for (int permission = 1; permission <= Acl.ADMIN; permission <<= 1) {
      String path = "/granted" + permission;
      List<Acl> acl = List.of(new Acl(permission, Identity.ANYONE), new Acl(Acl.ALL, ANN));
      have(path, acl, CreateMode.PERSISTENT);
      long czxid = subject.zxid();
      have(path + "/kid", Acl.OPEN, CreateMode.PERSISTENT);
      OpResult result = subject.multi(operation.on(path, czxid));
      if (!(result instanceof OpResult.Failure)) {
        passed |= permission;
      } else {
        assertThat(code(result)).isEqualTo(NO_AUTH);
      }
    }
    assertThat(passed).isEqualTo(operation.needed);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void operation_passesForTheSuperUser(Operation operation) {
    WriteOp op = operation.on("/shut", subject.stat("/shut").czxid());
    assertThat(subject.write(List.of(new Identity("super", "")), new WriteOp.Multi(List.of(op))))
        .isInstanceOf(OpResult.MultiDone.class);
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void operation_onAZnodeThatWasOpenedAgain_passes(Operation operation) {
    List<WriteOp> ops = new ArrayList<>();
    ops.add(new WriteOp.SetAcl("/shut", Acl.OPEN, 0));
    ops.add(operation.on("/shut", subject.stat("/shut").czxid()));
    assertThat(subject.write(List.of(ANN), new WriteOp.Multi(ops)))
        .isInstanceOf(OpResult.MultiDone.class);
  }

  private static ErrorCode code(OpResult result) {
    assertThat(result).isInstanceOf(OpResult.Failure.class);
    return ((OpResult.Failure) result).code();
  }
}
