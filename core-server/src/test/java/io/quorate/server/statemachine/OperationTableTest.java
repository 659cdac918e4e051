package io.quorate.server.statemachine;

import static io.quorate.data.CreateMode.EPHEMERAL;
import static io.quorate.data.CreateMode.EPHEMERAL_SEQUENTIAL;
import static io.quorate.data.CreateMode.PERSISTENT;
import static io.quorate.data.CreateMode.PERSISTENT_SEQUENTIAL;
import static io.quorate.data.ErrorCode.BAD_ARGUMENTS;
import static io.quorate.data.ErrorCode.BAD_VERSION;
import static io.quorate.data.ErrorCode.CZXID_MISMATCH;
import static io.quorate.data.ErrorCode.NODE_EXISTS;
import static io.quorate.data.ErrorCode.NOT_EMPTY;
import static io.quorate.data.ErrorCode.NO_CHILDREN_FOR_EPHEMERALS;
import static io.quorate.data.ErrorCode.NO_NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.TreeLimits;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each operation checks, in which order, and what it does to the stats: one row per fact. */
class OperationTableTest {
  private static final String LONG_NAME = "x".repeat(TreeLimits.PATH_CHARS_MAX - 1);
  private static final byte[] TOO_MUCH = new byte[TreeLimits.DATA_BYTES_MAX + 1];

  private Subject subject;

  /** /p (version 1) with /p/kid, /e ephemeral, /leaf. */
  @BeforeEach
  void tree() {
    subject = new Subject();
    subject.create("/p");
    subject.create("/p/kid");
    subject.create("/e", EPHEMERAL);
    subject.create("/leaf");
    subject.write(new WriteOp.SetData("/p", new byte[] {2, 3}, 0));
  }

  private static Arguments row(WriteOp op, ErrorCode code) {
    return arguments(op, code);
  }

  private static WriteOp create(String path, CreateMode mode) {
    return new WriteOp.Create(path, null, mode);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        // create: each row fails one check and would fail a later one, too
        row(new WriteOp.Create("/none/x", TOO_MUCH, PERSISTENT), BAD_ARGUMENTS),
        row(new WriteOp.Create("/none/x", null, null), BAD_ARGUMENTS),
        row(new WriteOp.Create(null, null, PERSISTENT), BAD_ARGUMENTS),
        row(create("", PERSISTENT), BAD_ARGUMENTS),
        row(create("noslash", PERSISTENT), BAD_ARGUMENTS),
        row(create("/none/\0", PERSISTENT), BAD_ARGUMENTS),
        row(create("none/x", PERSISTENT), NO_NODE),
        row(create("/none/.", PERSISTENT), NO_NODE),
        row(create("/p//x", PERSISTENT), NO_NODE),
        row(create("/e/.", PERSISTENT), BAD_ARGUMENTS),
        row(create("/p/", PERSISTENT), BAD_ARGUMENTS),
        row(create("/p/..", PERSISTENT), BAD_ARGUMENTS),
        row(create("/p/\ud800", PERSISTENT), BAD_ARGUMENTS),
        row(create("//", PERSISTENT), BAD_ARGUMENTS),
        row(create("/" + LONG_NAME + "x", PERSISTENT), BAD_ARGUMENTS),
        row(create("/" + LONG_NAME, PERSISTENT_SEQUENTIAL), BAD_ARGUMENTS),
        row(create("/p/.\u0007", PERSISTENT_SEQUENTIAL), BAD_ARGUMENTS),
        row(create("/", PERSISTENT), NODE_EXISTS),
        row(create("/p", PERSISTENT), NODE_EXISTS),
        row(create("/p/kid", EPHEMERAL), NODE_EXISTS),
        row(create("/zookeeper/quota", PERSISTENT), NODE_EXISTS),
        row(create("/e/x", PERSISTENT), NO_CHILDREN_FOR_EPHEMERALS),
        row(create("/e/", PERSISTENT_SEQUENTIAL), NO_CHILDREN_FOR_EPHEMERALS),
        row(create("/e/x", EPHEMERAL_SEQUENTIAL), NO_CHILDREN_FOR_EPHEMERALS),
        // delete
        row(new WriteOp.Delete(null, -1), BAD_ARGUMENTS),
        row(new WriteOp.Delete("noslash", -1), BAD_ARGUMENTS),
        row(new WriteOp.Delete("/\0", -1), BAD_ARGUMENTS),
        row(new WriteOp.Delete("/", 9), BAD_ARGUMENTS),
        row(new WriteOp.Delete("/zookeeper", 9), BAD_ARGUMENTS),
        row(new WriteOp.Delete("/zookeeper/quota", 9), BAD_ARGUMENTS),
        row(new WriteOp.Delete("/zookeeper/config", 9), BAD_ARGUMENTS),
        row(new WriteOp.Delete("/none/x", 9), NO_NODE),
        row(new WriteOp.Delete("/none", 9), NO_NODE),
        row(new WriteOp.Delete("/p/", 9), NO_NODE),
        row(new WriteOp.Delete("/p", 9), BAD_VERSION),
        row(new WriteOp.Delete("/p", 1), NOT_EMPTY),
        row(new WriteOp.Delete("/p", -1), NOT_EMPTY),
        // set data
        row(new WriteOp.SetData("/none", TOO_MUCH, -1), BAD_ARGUMENTS),
        row(new WriteOp.SetData(null, null, -1), BAD_ARGUMENTS),
        row(new WriteOp.SetData("/none/", null, 9), BAD_ARGUMENTS),
        row(new WriteOp.SetData("/none", null, 9), NO_NODE),
        row(new WriteOp.SetData("/p", null, 0), BAD_VERSION),
        row(new WriteOp.SetData("/p", null, -2), BAD_VERSION),
        // checks
        row(new WriteOp.CheckVersion(null, 9), BAD_ARGUMENTS),
        row(new WriteOp.CheckVersion("none", 9), BAD_ARGUMENTS),
        row(new WriteOp.CheckVersion("/none", 9), NO_NODE),
        row(new WriteOp.CheckVersion("/p", 9), BAD_VERSION),
        row(new WriteOp.CheckCzxid(null, 9), BAD_ARGUMENTS),
        row(new WriteOp.CheckCzxid("/p/", 9), BAD_ARGUMENTS),
        row(new WriteOp.CheckCzxid("/none", 9), NO_NODE),
        row(new WriteOp.CheckCzxid("/p", 9), CZXID_MISMATCH),
        row(null, BAD_ARGUMENTS));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refusedOperation_answersTheFirstFailedCheck_andChangesNothing(WriteOp op, ErrorCode code) {
    long before = subject.machine.digest();
    OpResult answer = subject.write(op);
    assertThat(((OpResult.Failure) answer).code()).isEqualTo(code);
    assertThat(subject.last.changes()).isEmpty();
    try (StateView view = subject.machine.view()) {
      assertThat(view.znodeCount()).isEqualTo(8);
    }
    subject.entry(new Command.CloseSession(subject.session, subject.session));
    assertThat(subject.machine.digest())
        .isNotEqualTo(before)
        .isEqualTo(subject.machine.digestAnew());
  }

  @Test
  void mismatch_saysWhatWasExpectedAndFound() {
    assertThat(subject.write(new WriteOp.Delete("/p", 9)))
        .isEqualTo(new OpResult.Failure(BAD_VERSION, 0, 9, 1));
    assertThat(subject.write(new WriteOp.CheckCzxid("/p", 9)))
        .isEqualTo(new OpResult.Failure(CZXID_MISMATCH, 0, 9, subject.stat("/p").czxid()));
  }

  @Test
  void matchingConditions_pass() {
    assertThat(subject.write(new WriteOp.CheckVersion("/p", 1))).isEqualTo(new OpResult.Checked());
    assertThat(subject.write(new WriteOp.CheckVersion("/p", -1))).isEqualTo(new OpResult.Checked());
    assertThat(subject.write(new WriteOp.CheckCzxid("/p", subject.stat("/p").czxid())))
        .isEqualTo(new OpResult.Checked());
  }

  @Test
  void freshTree_hasTheBuiltInZnodes() {
    Subject fresh = new Subject();
    assertThat(fresh.machine.znodeCount()).isEqualTo(4);
    assertThat(fresh.children("/")).containsExactly("zookeeper");
    assertThat(fresh.children("/zookeeper")).containsExactly("config", "quota");
    assertThat(fresh.stat("/")).isEqualTo(new ZnodeStat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
    assertThat(fresh.stat("/zookeeper")).isEqualTo(new ZnodeStat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2));
  }

  @Test
  void create_setsTheStat_andCountsAtTheParent() {
    ZnodeStat parent = subject.stat("/p");
    OpResult created = subject.create("/p/new", EPHEMERAL);
    long zxid = subject.zxid();
    long time = Subject.time(zxid);
    ZnodeStat wanted = new ZnodeStat(zxid, zxid, zxid, time, time, 0, 0, 0, subject.session, 1, 0);
    assertThat(created).isEqualTo(new OpResult.Created("/p/new", wanted));
    assertThat(subject.stat("/p/new")).isEqualTo(wanted);
    assertThat(subject.stat("/p"))
        .isEqualTo(
            new ZnodeStat(
                parent.czxid(),
                parent.mzxid(),
                zxid,
                parent.ctimeMillis(),
                parent.mtimeMillis(),
                1,
                parent.cversion() + 1,
                0,
                0,
                2,
                2));
    assertThat(subject.last.changes())
        .containsExactly(
            new ZnodeChange(WatchEvent.Type.NODE_CREATED, "/p/new", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/p", zxid));
  }

  @Test
  void delete_countsAtTheParent() {
    assertThat(subject.write(new WriteOp.Delete("/p/kid", 0))).isEqualTo(new OpResult.Deleted());
    long zxid = subject.zxid();
    assertThat(subject.stat("/p/kid")).isNull();
    assertThat(subject.stat("/p").pzxid()).isEqualTo(zxid);
    assertThat(subject.stat("/p").cversion()).isEqualTo(2);
    assertThat(subject.stat("/p").numChildren()).isZero();
    assertThat(subject.stat("/p").mzxid()).isLessThan(zxid);
    assertThat(subject.last.changes())
        .containsExactly(
            new ZnodeChange(WatchEvent.Type.NODE_DELETED, "/p/kid", zxid),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/p", zxid));
  }

  @Test
  void setData_touchesVersionMzxidAndMtimeOnly() {
    ZnodeStat before = subject.stat("/leaf");
    ZnodeStat root = subject.stat("/");
    OpResult set = subject.write(new WriteOp.SetData("/leaf", new byte[5], 0));
    long zxid = subject.zxid();
    ZnodeStat wanted =
        new ZnodeStat(
            before.czxid(),
            zxid,
            before.pzxid(),
            before.ctimeMillis(),
            Subject.time(zxid),
            1,
            0,
            0,
            0,
            5,
            0);
    assertThat(set).isEqualTo(new OpResult.DataSet(wanted));
    assertThat(subject.stat("/leaf")).isEqualTo(wanted);
    assertThat(subject.stat("/")).isEqualTo(root);
    assertThat(subject.last.changes())
        .containsExactly(new ZnodeChange(WatchEvent.Type.NODE_DATA_CHANGED, "/leaf", zxid));
  }

  @Test
  void nullAndEmptyData_stayDistinct() {
    for (byte[] data : new byte[][] {null, new byte[0], new byte[] {0}}) {
      subject.write(new WriteOp.SetData("/leaf", data, -1));
      OpResult.Data read = (OpResult.Data) subject.machine.read(new ReadOp.Get("/leaf"));
      assertThat(read.data()).isEqualTo(data);
      assertThat(read.stat().dataLength()).isEqualTo(data == null ? 0 : data.length);
    }
  }

  @Test
  void sequentialNames_countAllCreationsOfTheParent() {
    assertThat(path(subject.create("/p/s-", PERSISTENT_SEQUENTIAL))).isEqualTo("/p/s-0000000001");
    assertThat(path(subject.create("/p/", EPHEMERAL_SEQUENTIAL))).isEqualTo("/p/0000000002");
    subject.write(new WriteOp.Delete("/p/0000000002", -1));
    assertThat(path(subject.create("/p/s-", PERSISTENT_SEQUENTIAL))).isEqualTo("/p/s-0000000003");
    assertThat(path(new Subject().create("/", PERSISTENT_SEQUENTIAL))).isEqualTo("/0000000000");
  }

  @Test
  void dataAtTheLimit_isKept() {
    byte[] data = new byte[TreeLimits.DATA_BYTES_MAX];
    data[data.length - 1] = 7;
    subject.write(new WriteOp.Create("/big", data, PERSISTENT));
    assertThat(((OpResult.Data) subject.machine.read(new ReadOp.Get("/big"))).data())
        .isEqualTo(data);
  }

  @Test
  void reads_ofPathsThatNameNothing() {
    for (String path : new String[] {"/none", "/leaf/x", "", "p", "/p/", "//", "/p\ud800"}) {
      assertThat(subject.machine.read(new ReadOp.Get(path))).isEqualTo(Subject.failure(NO_NODE));
      assertThat(subject.machine.read(new ReadOp.Children(path, "", 1)))
          .isEqualTo(Subject.failure(NO_NODE));
      assertThat(subject.machine.read(new ReadOp.Exists(path)))
          .isEqualTo(new OpResult.Existence(null));
    }
    assertThat(subject.machine.read(new ReadOp.Exists("/\0")))
        .isEqualTo(Subject.failure(BAD_ARGUMENTS));
  }

  @Test
  void childrenPages_coverAllNamesOnce() {
    for (int i = 0; i < 300; i++) {
      subject.create("/p/n" + (i * 7919 % 300));
    }
    List<String> all = subject.children("/p");
    assertThat(all).hasSize(301).isSorted();
    for (int limit : new int[] {1, 7, 64, 300, 301, Integer.MAX_VALUE}) {
      List<String> paged = new java.util.ArrayList<>();
      OpResult.ChildNames page;
      do {
        String after = paged.isEmpty() ? "" : paged.get(paged.size() - 1);
        page = (OpResult.ChildNames) subject.machine.read(new ReadOp.Children("/p", after, limit));
        assertThat(page.names().size()).isLessThanOrEqualTo(limit);
        assertThat(page.more()).isEqualTo(paged.size() + page.names().size() < 301);
        paged.addAll(page.names());
      } while (page.more());
      assertThat(paged).isEqualTo(all);
    }
  }

  @Test
  void childrenPage_endsAtItsOwnLimitOfBytes() {
    subject.create("/wide");
    String name = "y".repeat(8_000);
    for (int i = 0; i < 100; i++) {
      subject.create("/wide/" + name + i);
    }
    OpResult.ChildNames page =
        (OpResult.ChildNames) subject.machine.read(new ReadOp.Children("/wide", "", 1_000));
    assertThat(page.more()).isTrue();
    assertThat(page.names()).hasSize(66);
  }

  @Test
  void deepestPath_canBeCreatedChangedViewedAndDeleted() {
    StringBuilder path = new StringBuilder();
    while (path.length() + 2 <= TreeLimits.PATH_CHARS_MAX) {
      path.append("/d");
      assertThat(subject.create(path.toString())).isInstanceOf(OpResult.Created.class);
    }
    int depth = path.length() / 2;
    assertThat(depth).isEqualTo(4096);
    assertThat(subject.machine.descendants("/d")).isEqualTo(depth - 1);
    assertThat(subject.machine.digestAnew()).isEqualTo(subject.machine.digest());
    for (int i = depth; i > 0; i--) {
      assertThat(subject.write(new WriteOp.Delete(path.substring(0, i * 2), -1)))
          .isEqualTo(new OpResult.Deleted());
    }
    assertThat(subject.machine.znodeCount()).isEqualTo(8);
  }

  private static String path(OpResult created) {
    return ((OpResult.Created) created).path();
  }
}
