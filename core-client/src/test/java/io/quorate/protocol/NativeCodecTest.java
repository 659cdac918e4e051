package io.quorate.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.OpResult;
import io.quorate.data.ReadOp;
import io.quorate.data.WatchEvent;
import io.quorate.data.WatchKind;
import io.quorate.data.WriteOp;
import io.quorate.data.ZnodeStat;
import io.quorate.protocol.message.ClientMessage;
import io.quorate.protocol.message.ServerMessage;
import io.quorate.protocol.wire.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NativeCodecTest {
  private static final byte[] SECRET = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  private static final List<Acl> ACL =
      List.of(new Acl(Acl.READ, Identity.ANYONE), new Acl(Acl.ALL, new Identity("digest", "a:x")));

  private static final ZnodeStat STAT =
      new ZnodeStat(1L << 40, Long.MAX_VALUE, 3, 4, 5, -7, Integer.MIN_VALUE, 8, 1L << 33, 9, 10);

  static Stream<ClientMessage> clientMessages() {
    List<WriteOp> ops =
        List.of(
            new WriteOp.Create("/a", null, CreateMode.PERSISTENT),
            new WriteOp.Create("/a", new byte[0], CreateMode.EPHEMERAL_SEQUENTIAL),
            new WriteOp.Create("/\u00e4/\u4e2d", new byte[] {0, -1}, CreateMode.EPHEMERAL),
            new WriteOp.Create("/a", null, CreateMode.CONTAINER, List.of(), 0, 0),
            new WriteOp.Delete("/a", WriteOp.ANY_VERSION),
            new WriteOp.SetData("/a", new byte[] {7}, Integer.MAX_VALUE),
            new WriteOp.SetData("/a", null, Integer.MIN_VALUE),
            new WriteOp.CheckVersion("/a", 0),
            new WriteOp.CheckCzxid("/a", Long.MAX_VALUE),
            new WriteOp.Create(
                "/t",
                null,
                CreateMode.PERSISTENT_SEQUENTIAL_TTL,
                Acl.CREATOR_ALL,
                1,
                Long.MAX_VALUE),
            new WriteOp.SetAcl("/a", ACL, -1),
            new WriteOp.SetExpiry("/a", 30_000));
    List<ClientMessage> messages = new ArrayList<>();
    for (WriteOp op : ops) {
      messages.add(new ClientMessage.Write(Long.MAX_VALUE, 2, 1, op));
    }
    List<ReadOp> reads =
        List.of(
            new ReadOp.Get("/a"),
            new ReadOp.Exists("/"),
            new ReadOp.Children("/a", "b", 1),
            new ReadOp.GetAcl("/a"),
            new ReadOp.SubtreeCount("/"),
            new ReadOp.SubtreeCount("/a", 7),
            new ReadOp.Ephemerals("/a", "/ab", Integer.MAX_VALUE),
            new ReadOp.WhoAmI());
    List<WriteOp> inMulti = new ArrayList<>(ops);
    for (ReadOp read : reads) {
      messages.add(new ClientMessage.Read(-1, read, 77, read instanceof ReadOp.Get));
      inMulti.add(new WriteOp.Read(read));
    }
    messages.add(new ClientMessage.Write(0, 1, 0, new WriteOp.Multi(inMulti)));
    messages.add(new ClientMessage.OpenSession(10_000, "billing-A@host7 pid 4711"));
    messages.add(new ClientMessage.AttachSession(1L << 32, SECRET, 0));
    messages.add(new ClientMessage.CloseSession(9));
    messages.add(new ClientMessage.Ping(-5, 0));
    messages.add(new ClientMessage.Sync(4));
    messages.add(new ClientMessage.AddWatch(4, 1, "/w", WatchKind.PERSISTENT_RECURSIVE));
    messages.add(new ClientMessage.RemoveWatch(4, 1));
    messages.add(
        new ClientMessage.ResumeWatches(
            4,
            1L << 32,
            List.of(
                new ClientMessage.Registration(1, "/a", WatchKind.PERSISTENT),
                new ClientMessage.Registration(2, "/b", WatchKind.EXIST))));
    messages.add(new ClientMessage.ResumeWatches(4, 0, List.of()));
    messages.add(new ClientMessage.StatusQuery(8));
    messages.add(new ClientMessage.Auth(8, "digest", new byte[] {'a', ':', 'b'}));
    return messages.stream();
  }

  static Stream<ServerMessage> serverMessages() {
    List<OpResult> results = new ArrayList<>();
    results.add(new OpResult.Created("/a0000000001", STAT));
    results.add(new OpResult.Deleted());
    results.add(new OpResult.DataSet(STAT));
    results.add(new OpResult.Checked());
    results.add(new OpResult.Data(null, STAT));
    results.add(new OpResult.Data(new byte[0], STAT));
    results.add(new OpResult.Data(new byte[] {1, 2}, STAT));
    results.add(new OpResult.Existence(null));
    results.add(new OpResult.Existence(STAT));
    results.add(new OpResult.ChildNames(List.of("a", "b"), true, STAT));
    results.add(new OpResult.ChildNames(List.of(), false, STAT));
    results.add(new OpResult.Done());
    results.add(new OpResult.AclSet(STAT));
    results.add(new OpResult.ExpirySet(STAT));
    results.add(new OpResult.AclRead(ACL, STAT));
    results.add(new OpResult.Count(Long.MAX_VALUE));
    results.add(new OpResult.Paths(List.of("/a", "/b"), true));
    results.add(new OpResult.Identities(List.of(Identity.ANYONE)));
    results.add(new OpResult.WatchesResumed(true));
    for (ErrorCode code : ErrorCode.values()) {
      results.add(new OpResult.Failure(code, 3, -1, Long.MIN_VALUE));
    }
    List<ServerMessage> messages = new ArrayList<>();
    for (OpResult result : results) {
      messages.add(new ServerMessage.Response(1, 2, result));
    }
    messages.add(new ServerMessage.Response(1, 2, new OpResult.MultiDone(results)));
    messages.add(new ServerMessage.SessionOpened(1L << 32, SECRET, 10_000, 1L << 32, 128, 3));
    messages.add(new ServerMessage.SessionAttached(1L << 32, 10_000, 1L << 33, 128, 2));
    messages.add(new ServerMessage.Refused(ErrorCode.NOT_SERVING, "no leader"));
    messages.add(new ServerMessage.Pong(4, 5, 6));
    messages.add(
        new ServerMessage.Events(
            9,
            List.of(
                new ServerMessage.Fired(1, WatchEvent.Type.NODE_CREATED, "/a"),
                new ServerMessage.Fired(2, WatchEvent.Type.NODE_CHILDREN_CHANGED, "/"))));
    messages.add(
        new ServerMessage.Status(
            1,
            2,
            "leader",
            2,
            3,
            true,
            4,
            5,
            -6,
            7,
            8,
            9,
            10,
            1_000_000_000_000L,
            11,
            12,
            -1,
            13,
            14,
            15,
            -1,
            16,
            17,
            "",
            "low on disk",
            List.of(
                new ServerMessage.PeerStatus(1, "voter", true, "stream", true, 18, 19),
                new ServerMessage.PeerStatus(3, "observer", false, "none", false, 0, -1))));
    return messages.stream();
  }

  @ParameterizedTest
  @MethodSource("clientMessages")
  void clientMessage_encodedAndDecoded_isTheSame(ClientMessage message) throws ProtocolException {
    ByteBuffer body = ByteBuffer.wrap(NativeCodec.encode(message));
    assertThat(NativeCodec.decodeClient(body)).usingRecursiveComparison().isEqualTo(message);
    assertThat(body.position()).isZero();
  }

  @ParameterizedTest
  @MethodSource("serverMessages")
  void serverMessage_encodedAndDecoded_isTheSame(ServerMessage message) throws ProtocolException {
    ByteBuffer body = ByteBuffer.wrap(NativeCodec.encode(message));
    assertThat(NativeCodec.decodeServer(body)).usingRecursiveComparison().isEqualTo(message);
    assertThat(body.position()).isZero();
  }

  @Test
  void nullAndEmptyData_stayApart() throws ProtocolException {
    for (byte[] data : new byte[][] {null, {}}) {
      ClientMessage write =
          new ClientMessage.Write(1, 1, 0, new WriteOp.Create("/a", data, CreateMode.PERSISTENT));
      ClientMessage.Write decoded =
          (ClientMessage.Write)
              NativeCodec.decodeClient(ByteBuffer.wrap(NativeCodec.encode(write)));
      assertThat(((WriteOp.Create) decoded.op()).data()).isEqualTo(data);
    }
  }

  @ParameterizedTest
  @MethodSource("clientMessages")
  void cutOrFlippedClientMessage_isAMessageOrAProtocolException(ClientMessage message) {
    for (byte[] damaged : damages(NativeCodec.encode(message))) {
      Throwable thrown = catchThrowable(() -> NativeCodec.decodeClient(ByteBuffer.wrap(damaged)));
      assertThat(thrown == null || thrown instanceof ProtocolException).as("%s", thrown).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("serverMessages")
  void cutOrFlippedServerMessage_isAMessageOrAProtocolException(ServerMessage message) {
    for (byte[] damaged : damages(NativeCodec.encode(message))) {
      Throwable thrown = catchThrowable(() -> NativeCodec.decodeServer(ByteBuffer.wrap(damaged)));
      assertThat(thrown == null || thrown instanceof ProtocolException).as("%s", thrown).isTrue();
    }
  }

  /** Every prefix, and every single flipped bit. */
  private static List<byte[]> damages(byte[] whole) {
    List<byte[]> damages = new ArrayList<>();
    for (int length = 0; length < whole.length; length++) {
      damages.add(Arrays.copyOf(whole, length));
    }
    for (int bit = 0; bit < whole.length * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      damages.add(flipped);
    }
    return damages;
  }

  @Test
  void randomBytes_areAMessageOrAProtocolException() {
    Random random = new Random(20260101);
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = (byte) ((1 + random.nextInt(11)) << 3 | 2);
      }
      Throwable client = catchThrowable(() -> NativeCodec.decodeClient(ByteBuffer.wrap(bytes)));
      Throwable server = catchThrowable(() -> NativeCodec.decodeServer(ByteBuffer.wrap(bytes)));
      assertThat(client == null || client instanceof ProtocolException).as("%s", client).isTrue();
      assertThat(server == null || server instanceof ProtocolException).as("%s", server).isTrue();
      refused += client == null ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void emptyBody_isAnUnknownMessage() {
    assertThatThrownBy(() -> NativeCodec.decodeClient(ByteBuffer.allocate(0)))
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNIMPLEMENTED));
  }

  @Test
  void oversizedBody_isRefusedUnread() {
    ByteBuffer body = ByteBuffer.allocate(Framing.BODY_BYTES_MAX + 1);
    assertThatThrownBy(() -> NativeCodec.decodeServer(body))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_TOO_LARGE));
    assertThat(body.position()).isZero();
  }

  static Stream<Wire.ClientFrame> outOfRange() {
    Wire.WriteOp check =
        Wire.WriteOp.newBuilder().setCheckVersion(Wire.CheckVersion.newBuilder()).build();
    Wire.WriteOp multi =
        Wire.WriteOp.newBuilder().setMulti(Wire.Multi.newBuilder().addOps(check)).build();
    Wire.Write.Builder write = Wire.Write.newBuilder().setXid(1).setNumber(1).setOp(check);
    Wire.Read.Builder read =
        Wire.Read.newBuilder()
            .setOp(Wire.ReadOp.newBuilder().setGet(Wire.Get.newBuilder().setPath("/")));
    return Stream.of(
        frame(write.clone().setNumber(0)),
        frame(write.clone().setNumber(-1)),
        frame(write.clone().setConfirmedUpTo(1)),
        frame(write.clone().setConfirmedUpTo(-1)),
        frame(write.clone().clearOp()),
        frame(write.clone().setOp(Wire.WriteOp.newBuilder().setMulti(Wire.Multi.newBuilder()))),
        frame(
            write
                .clone()
                .setOp(Wire.WriteOp.newBuilder().setMulti(Wire.Multi.newBuilder().addOps(multi)))),
        frame(
            write
                .clone()
                .setOp(
                    Wire.WriteOp.newBuilder()
                        .setMulti(
                            Wire.Multi.newBuilder()
                                .addAllOps(
                                    Collections.nCopies(Framing.MULTI_OPS_MAX + 1, check))))),
        frame(
            write
                .clone()
                .setOp(Wire.WriteOp.newBuilder().setCreate(Wire.Create.newBuilder().setMode(7)))),
        Wire.ClientFrame.newBuilder().setRead(read.clone().setWatchId(-1)).build(),
        Wire.ClientFrame.newBuilder().setRead(read.clone().clearOp()).build(),
        frame(write.clone().setOp(Wire.WriteOp.newBuilder().setRead(read.getOp()))),
        Wire.ClientFrame.newBuilder()
            .setAddWatch(Wire.AddWatch.newBuilder().setWatchId(1).setPath("/").setKind(1))
            .build(),
        Wire.ClientFrame.newBuilder()
            .setRead(
                read.clone()
                    .setOp(
                        Wire.ReadOp.newBuilder()
                            .setChildren(Wire.Children.newBuilder().setPath("/"))))
            .build(),
        Wire.ClientFrame.newBuilder().setOpenSession(Wire.OpenSession.newBuilder()).build(),
        Wire.ClientFrame.newBuilder()
            .setOpenSession(
                Wire.OpenSession.newBuilder().setTimeoutMillis(1).setClientName("x".repeat(257)))
            .build(),
        Wire.ClientFrame.newBuilder()
            .setAttachSession(
                Wire.AttachSession.newBuilder()
                    .setSessionId(1)
                    .setSecret(ByteString.copyFrom(new byte[15])))
            .build(),
        Wire.ClientFrame.newBuilder().setAddWatch(Wire.AddWatch.newBuilder().setXid(1)).build(),
        Wire.ClientFrame.newBuilder()
            .setResumeWatches(
                Wire.ResumeWatches.newBuilder()
                    .addWatches(Wire.Registration.newBuilder().setWatchId(1).setKind(9)))
            .build());
  }

  private static Wire.ClientFrame frame(Wire.Write.Builder write) {
    return Wire.ClientFrame.newBuilder().setWrite(write).build();
  }

  @ParameterizedTest
  @MethodSource("outOfRange")
  void fieldOutOfRange_isRefused(Wire.ClientFrame frame) {
    assertThatThrownBy(() -> NativeCodec.decodeClient(ByteBuffer.wrap(frame.toByteArray())))
        .isInstanceOf(ProtocolException.class);
  }

  @Test
  void firstFrames_fitTheirLimit() {
    ClientMessage open = new ClientMessage.OpenSession(Long.MAX_VALUE, "\u4e2d".repeat(256));
    assertThat(NativeCodec.encode(open).length)
        .isLessThanOrEqualTo(Framing.BODY_BYTES_BEFORE_SESSION_MAX);
  }

  @Test
  void magic_hasItsHighBitSetAndNamesTheVersion() {
    assertThat(Framing.magic()).containsExactly(0xD1, 'Q', 'R', ProtocolVersion.CURRENT);
  }
}
