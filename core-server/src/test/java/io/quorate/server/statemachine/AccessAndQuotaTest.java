package io.quorate.server.statemachine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.DataLimits;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.server.tree.ZnodeChange;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What access control lists and quotas do beyond letting pass and refusing. */
class AccessAndQuotaTest {
  private static final Identity ANN = Identity.digest("ann", "1");
  private static final Identity HERE = new Identity("ip", "10.0.0.7");
  private static final List<Acl> ANN_ALL_WORLD_READ =
      List.of(new Acl(Acl.ALL, ANN), new Acl(Acl.READ, Identity.ANYONE));

  private final Subject subject = new Subject();

  private OpResult create(String path, List<Acl> acl, Identity... who) {
    return subject.write(
        List.of(who), new WriteOp.Create(path, new byte[3], CreateMode.PERSISTENT, acl, 0, 0));
  }

  private OpResult read(ReadOp op, Identity... who) {
    return subject.machine.read(op, new Caller(subject.session, List.of(who)));
  }

  private void limit(String subtree, String text) {
    String znode = "/zookeeper/quota" + subtree;
    if (!subtree.isEmpty()) {
      subject.create(znode);
    }
    OpResult made =
        subject.write(
            new WriteOp.Create(
                znode + "/zookeeper_limits", text.getBytes(US_ASCII), CreateMode.PERSISTENT));
    assertThat(made).isInstanceOf(OpResult.Created.class);
  }

  private static OpResult.Failure exceeded(long limit, long found) {
    return new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 0, limit, found);
  }

  // --- access ------------------------------------------------------------------------------------

  @Test
  void hashes_areShownToWhoeverMayChangeTheList_andMaskedForOthers() {
    create("/a", ANN_ALL_WORLD_READ);
    assertThat(((OpResult.AclRead) read(new ReadOp.GetAcl("/a"), ANN)).acl())
        .isEqualTo(ANN_ALL_WORLD_READ);
    OpResult.AclRead masked = (OpResult.AclRead) read(new ReadOp.GetAcl("/a"), HERE);
    assertThat(masked.acl())
        .containsExactly(
            new Acl(Acl.ALL, new Identity("digest", "ann:x")), ANN_ALL_WORLD_READ.get(1));
    OpResult.MultiDone inMulti =
        (OpResult.MultiDone) subject.multi(new WriteOp.Read(new ReadOp.GetAcl("/a")));
    assertThat(inMulti.results()).containsExactly(masked);
    assertThat(((OpResult.Identities) read(new ReadOp.WhoAmI(), HERE, ANN)).identities())
        .containsExactly(HERE, new Identity("digest", "ann:x"));
  }

  @Test
  void auth_isStoredAsTheCreatorsAuthenticatedIdentities() {
    create("/mine", Acl.CREATOR_ALL, HERE, ANN);
    assertThat(((OpResult.AclRead) read(new ReadOp.GetAcl("/mine"), ANN)).acl())
        .containsExactly(new Acl(Acl.ALL, ANN));
    assertThat(create("/ours", Acl.CREATOR_ALL, HERE))
        .isEqualTo(Subject.failure(ErrorCode.INVALID_ACL));
  }

  @Test
  void setAcl_countsInTheAversionAndNowhereElse_andNobodyIsTold() {
    create("/a", Acl.OPEN);
    ZnodeStat before = subject.stat("/a");
    OpResult set = subject.write(List.of(ANN), new WriteOp.SetAcl("/a", Acl.CREATOR_ALL, 0));
    assertThat(subject.last.changes()).isEmpty();
    assertThat(set)
        .isEqualTo(
            new OpResult.AclSet(
                new ZnodeStat(
                    before.czxid(),
                    before.mzxid(),
                    before.pzxid(),
                    before.ctimeMillis(),
                    before.mtimeMillis(),
                    0,
                    0,
                    1,
                    0,
                    3,
                    0)));
    assertThat(subject.write(List.of(ANN), new WriteOp.SetAcl("/a", Acl.OPEN, 0)))
        .isEqualTo(new OpResult.Failure(ErrorCode.BAD_VERSION, 0, 0, 1));
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
  }

  @Test
  void children_doNotInherit() {
    create("/a", List.of(new Acl(Acl.CREATE, Identity.ANYONE)));
    create("/a/b", Acl.OPEN);
    assertThat(read(new ReadOp.Get("/a"))).isEqualTo(Subject.failure(ErrorCode.NO_AUTH));
    assertThat(read(new ReadOp.Get("/a/b"))).isInstanceOf(OpResult.Data.class);
  }

  @Test
  void changes_carryTheListOfTheZnodeConcerned() {
    List<Acl> parent = List.of(new Acl(Acl.ALL, ANN));
    create("/p", parent, ANN);
    create("/p/k", ANN_ALL_WORLD_READ, ANN);
    long made = subject.zxid();
    assertThat(subject.last.changes())
        .containsExactly(
            new ZnodeChange(WatchEvent.Type.NODE_CREATED, "/p/k", made, ANN_ALL_WORLD_READ),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/p", made, parent));
    subject.write(List.of(ANN), new WriteOp.SetData("/p/k", null, -1));
    assertThat(subject.last.changes())
        .containsExactly(
            new ZnodeChange(
                WatchEvent.Type.NODE_DATA_CHANGED, "/p/k", subject.zxid(), ANN_ALL_WORLD_READ));
    subject.write(List.of(ANN), new WriteOp.Delete("/p/k", -1));
    assertThat(subject.last.changes())
        .containsExactly(
            new ZnodeChange(
                WatchEvent.Type.NODE_DELETED, "/p/k", subject.zxid(), ANN_ALL_WORLD_READ),
            new ZnodeChange(WatchEvent.Type.NODE_CHILDREN_CHANGED, "/p", subject.zxid(), parent));
  }

  @Test
  void builtInZnodes_haveTheirLists() {
    for (String path : List.of("/", "/zookeeper", "/zookeeper/quota")) {
      assertThat(((OpResult.AclRead) read(new ReadOp.GetAcl(path))).acl()).isEqualTo(Acl.OPEN);
    }
    assertThat(((OpResult.AclRead) read(new ReadOp.GetAcl("/zookeeper/config"))).acl())
        .isEqualTo(Acl.READ_ONLY);
  }

  // --- reads inside a multi ----------------------------------------------------------------------

  @Test
  void readsInAMulti_seeWhatWasDoneBefore_andCanBeRepeated() {
    WriteOp.Multi multi =
        new WriteOp.Multi(
            List.of(
                new WriteOp.Create("/d", new byte[] {7}, CreateMode.PERSISTENT),
                new WriteOp.Create("/d/e", null, CreateMode.EPHEMERAL),
                new WriteOp.Read(new ReadOp.Get("/d")),
                new WriteOp.Read(new ReadOp.Children("/d", "", 10)),
                new WriteOp.Read(new ReadOp.SubtreeCount("/d")),
                new WriteOp.Read(new ReadOp.Ephemerals("/", "", 10)),
                new WriteOp.Delete("/d/e", -1),
                new WriteOp.Read(new ReadOp.Ephemerals("/", "", 10)),
                new WriteOp.Read(new ReadOp.Exists("/d/e"))));
    OpResult.MultiDone done = (OpResult.MultiDone) subject.write(multi);
    List<OpResult> results = done.results();
    assertThat(((OpResult.Data) results.get(2)).data()).containsExactly(7);
    assertThat(((OpResult.ChildNames) results.get(3)).names()).containsExactly("e");
    assertThat(results.get(4)).isEqualTo(new OpResult.Count(1));
    assertThat(results.get(5)).isEqualTo(new OpResult.Paths(List.of("/d/e"), false));
    assertThat(results.get(7)).isEqualTo(new OpResult.Paths(List.of(), false));
    assertThat(results.get(8)).isEqualTo(new OpResult.Existence(null));
    subject.writeAs(subject.session, 1, new WriteOp.Delete("/d", -1));
    assertThat(subject.last.answer()).usingRecursiveComparison().isEqualTo(done);
    assertThat(subject.last.changes()).isEmpty();
  }

  @Test
  void failingRead_failsTheMulti_andTheIndexesGoBack() {
    subject.create("/e", CreateMode.EPHEMERAL);
    subject.write(new WriteOp.Create("/c", null, CreateMode.CONTAINER));
    OpResult failed =
        subject.multi(
            new WriteOp.Delete("/e", -1),
            new WriteOp.Create("/c/k", null, CreateMode.EPHEMERAL),
            new WriteOp.SetExpiry("/c", 5),
            new WriteOp.Read(new ReadOp.Get("/none")));
    assertThat(failed).isEqualTo(new OpResult.Failure(ErrorCode.NO_NODE, 3, 0, 0));
    assertThat(subject.machine.ephemerals(subject.session)).containsExactly("/e");
    assertThat(subject.machine.emptyContainers("", 9, Long.MAX_VALUE).targets()).hasSize(1);
    assertThat(subject.machine.dueAt(Long.MAX_VALUE, 9)).isEmpty();
    assertThat(subject.machine.digest()).isEqualTo(subject.machine.digestAnew());
  }

  @Test
  void readsBeyondAFrame_areRefusedWithTheirIndex() {
    subject.write(new WriteOp.Create("/big", new byte[700_000], CreateMode.PERSISTENT));
    WriteOp get = new WriteOp.Read(new ReadOp.Get("/big"));
    assertThat(subject.multi(new WriteOp.CheckVersion("/", -1), get))
        .isInstanceOf(OpResult.MultiDone.class);
    OpResult.Failure twice =
        (OpResult.Failure) subject.multi(get, get, new WriteOp.SetData("/big", null, -1));
    assertThat(twice.code()).isEqualTo(ErrorCode.RESULT_TOO_LARGE);
    assertThat(twice.opIndex()).isEqualTo(1);
    assertThat(subject.write(get)).isEqualTo(Subject.failure(ErrorCode.BAD_ARGUMENTS));
    subject.write(new WriteOp.SetData("/big", new byte[DataLimits.DATA_BYTES_MAX], -1));
    assertThat(subject.multi(new WriteOp.CheckVersion("/", -1), get))
        .as("the largest data can be read in a multi, too")
        .isInstanceOf(OpResult.MultiDone.class);
  }

  // --- quotas ------------------------------------------------------------------------------------

  @Test
  void hardLimits_holdForTheWholeSubtree_andForWhatGrowsOnly() {
    subject.create("/q");
    limit("/q", "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3");
    assertThat(create("/q/a", Acl.OPEN)).isInstanceOf(OpResult.Created.class);
    assertThat(create("/q/a/b", Acl.OPEN)).isInstanceOf(OpResult.Created.class);
    assertThat(create("/q/a/c", Acl.OPEN)).isEqualTo(exceeded(3, 4));
    WriteOp.SetData grow = new WriteOp.SetData("/q/a/b", new byte[7], -1);
    assertThat(subject.write(grow)).isEqualTo(exceeded(10, 11));
    assertThat(subject.write(new WriteOp.SetData("/q/a/b", new byte[6], -1)))
        .isInstanceOf(OpResult.DataSet.class);
    assertThat(create("/qa", Acl.OPEN)).isInstanceOf(OpResult.Created.class);
    subject.write(
        new WriteOp.SetData(
            "/zookeeper/quota/q/zookeeper_limits", "byteHardLimit=1".getBytes(US_ASCII), -1));
    assertThat(subject.write(new WriteOp.SetData("/q/a/b", new byte[5], -1)))
        .as("shrinks, though it is over its limit")
        .isInstanceOf(OpResult.DataSet.class);
    assertThat(create("/q/a/c", Acl.OPEN)).isEqualTo(exceeded(1, 12));
    subject.write(new WriteOp.Delete("/zookeeper/quota/q/zookeeper_limits", -1));
    assertThat(create("/q/a/c", Acl.OPEN)).isInstanceOf(OpResult.Created.class);
  }

  @Test
  void allQuotasOnTheWay_hold_andQuotasCanAlwaysBeChanged() {
    limit("", "countHardLimit=9");
    subject.create("/a");
    subject.create("/a/b");
    limit("/a", "countHardLimit=3");
    subject.create("/zookeeper/quota/a/b");
    subject.write(
        new WriteOp.Create(
            "/zookeeper/quota/a/b/zookeeper_limits",
            "countHardLimit=1".getBytes(US_ASCII),
            CreateMode.PERSISTENT));
    assertThat(subject.create("/a/b/c")).isEqualTo(exceeded(9, 12));
    subject.write(new WriteOp.Delete("/zookeeper/quota/zookeeper_limits", -1));
    assertThat(subject.create("/a/b/c")).isEqualTo(exceeded(1, 2));
    assertThat(subject.create("/a/c")).isInstanceOf(OpResult.Created.class);
    assertThat(subject.create("/a/d")).isEqualTo(exceeded(3, 4));
  }

  @Test
  void stats_areTheFiguresOfThisMoment() {
    subject.create("/q");
    limit("/q", "count=5,bytes=100");
    subject.create("/zookeeper/quota/q/zookeeper_stats");
    create("/q/a", Acl.OPEN);
    OpResult.Data stats =
        (OpResult.Data) read(new ReadOp.Get("/zookeeper/quota/q/zookeeper_stats"));
    assertThat(new String(stats.data(), US_ASCII)).isEqualTo("count=2,bytes=4");
    assertThat(stats.stat().dataLength()).isEqualTo(15);
  }

  @Test
  void softLimits_warnWhenTheyAreCrossed_andRefuseNothing() {
    subject.create("/q");
    limit("/q", "count=2,bytes=5");
    create("/q/a", Acl.OPEN);
    assertThat(subject.machine.takeQuotaWarnings()).isEmpty();
    create("/q/b", Acl.OPEN);
    assertThat(subject.machine.takeQuotaWarnings())
        .containsExactly(
            "/q holds 3 znodes, its soft quota is 2", "/q holds 7 bytes, its soft quota is 5");
    create("/q/c", Acl.OPEN);
    assertThat(subject.machine.takeQuotaWarnings()).isEmpty();
  }

  @Test
  void countWithABound_refusesTheMultiThatExceedsIt() {
    subject.write(new WriteOp.Create("/room", null, CreateMode.PERSISTENT));
    WriteOp.Read atMostTwo = new WriteOp.Read(new ReadOp.SubtreeCount("/room", 2));
    for (String name : List.of("a", "b")) {
      assertThat(
              subject.write(
                  new WriteOp.Multi(
                      List.of(
                          new WriteOp.Create("/room/" + name, null, CreateMode.PERSISTENT),
                          atMostTwo))))
          .isInstanceOf(OpResult.MultiDone.class);
    }

    OpResult third =
        subject.write(
            new WriteOp.Multi(
                List.of(new WriteOp.Create("/room/c", null, CreateMode.PERSISTENT), atMostTwo)));

    assertThat(third).isEqualTo(new OpResult.Failure(ErrorCode.QUOTA_EXCEEDED, 1, 2, 3));
    assertThat(subject.machine.read(new ReadOp.Exists("/room/c")))
        .isEqualTo(new OpResult.Existence(null));
  }
}
