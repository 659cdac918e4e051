package io.quorate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
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
import java.util.List;

/**
 * Messages to frame bodies, and back. Stateless; any thread.
 *
 * <p>Decoding is total: whatever the bytes, it gives a message whose every field is in range, or
 * throws {@link ProtocolException}. It allocates in proportion to the length of the body, which the
 * caller bounds by {@link Framing} beforehand. Paths are carried as they are; who uses one checks
 * it.
 */
public final class NativeCodec {
  private NativeCodec() {}

  /** The body of a frame; the caller puts the length in front. */
  public static byte[] encode(ClientMessage message) {
    return clientFrame(message).toByteArray();
  }

  /** The body of a frame; the caller puts the length in front. */
  public static byte[] encode(ServerMessage message) {
    return serverFrame(message).toByteArray();
  }

  /** Reads the remaining bytes of {@code body}, without moving it, as one message of a client. */
  public static ClientMessage decodeClient(ByteBuffer body) throws ProtocolException {
    requireBounded(body);
    try {
      return fromWire(Wire.ClientFrame.parseFrom(body));
    } catch (InvalidProtocolBufferException e) {
      throw malformed(e);
    }
  }

  /** Reads the remaining bytes of {@code body}, without moving it, as one message of a server. */
  public static ServerMessage decodeServer(ByteBuffer body) throws ProtocolException {
    requireBounded(body);
    try {
      return fromWire(Wire.ServerFrame.parseFrom(body));
    } catch (InvalidProtocolBufferException e) {
      throw malformed(e);
    }
  }

  private static void requireBounded(ByteBuffer body) throws ProtocolException {
    if (body.remaining() > Framing.BODY_BYTES_MAX) {
      throw new ProtocolException(
          ErrorCode.REQUEST_TOO_LARGE,
          "a message has at most %d bytes, found %d"
              .formatted(Framing.BODY_BYTES_MAX, body.remaining()));
    }
  }

  private static ProtocolException malformed(InvalidProtocolBufferException e) {
    return new ProtocolException("not a protobuf message: " + e.getMessage());
  }

  // ---- client to server ------------------------------------------------------------------------

  private static Wire.ClientFrame clientFrame(ClientMessage message) {
    Wire.ClientFrame.Builder frame = Wire.ClientFrame.newBuilder();
    if (message instanceof ClientMessage.Write write) {
      frame.setWrite(
          Wire.Write.newBuilder()
              .setXid(write.xid())
              .setNumber(write.number())
              .setConfirmedUpTo(write.confirmedUpTo())
              .setOp(toWire(write.op())));
    } else if (message instanceof ClientMessage.Read read) {
      frame.setRead(toWire(read));
    } else if (message instanceof ClientMessage.Ping ping) {
      frame.setPing(
          Wire.Ping.newBuilder().setPingId(ping.pingId()).setConfirmedUpTo(ping.confirmedUpTo()));
    } else if (message instanceof ClientMessage.Sync sync) {
      frame.setSync(Wire.Sync.newBuilder().setXid(sync.xid()));
    } else if (message instanceof ClientMessage.AddWatch add) {
      frame.setAddWatch(
          Wire.AddWatch.newBuilder()
              .setXid(add.xid())
              .setWatchId(add.watchId())
              .setPath(add.path()));
    } else if (message instanceof ClientMessage.RemoveWatch remove) {
      frame.setRemoveWatch(
          Wire.RemoveWatch.newBuilder().setXid(remove.xid()).setWatchId(remove.watchId()));
    } else if (message instanceof ClientMessage.ResumeWatches resume) {
      frame.setResumeWatches(toWire(resume));
    } else if (message instanceof ClientMessage.OpenSession open) {
      frame.setOpenSession(
          Wire.OpenSession.newBuilder()
              .setTimeoutMillis(open.timeoutMillis())
              .setClientName(open.clientName()));
    } else if (message instanceof ClientMessage.AttachSession attach) {
      frame.setAttachSession(
          Wire.AttachSession.newBuilder()
              .setSessionId(attach.sessionId())
              .setSecret(ByteString.copyFrom(attach.secret()))
              .setLastZxid(attach.lastZxid()));
    } else if (message instanceof ClientMessage.CloseSession close) {
      frame.setCloseSession(Wire.CloseSession.newBuilder().setXid(close.xid()));
    } else if (message instanceof ClientMessage.StatusQuery query) {
      frame.setStatusQuery(Wire.StatusQuery.newBuilder().setXid(query.xid()));
    } else {
      throw new IllegalArgumentException("no encoding for " + message.getClass());
    }
    return frame.build();
  }

  private static ClientMessage fromWire(Wire.ClientFrame frame) throws ProtocolException {
    return switch (frame.getBodyCase()) {
      case WRITE -> fromWire(frame.getWrite());
      case READ -> fromWire(frame.getRead());
      case PING ->
          new ClientMessage.Ping(
              frame.getPing().getPingId(),
              atLeast(0, frame.getPing().getConfirmedUpTo(), "confirmed_up_to"));
      case SYNC -> new ClientMessage.Sync(frame.getSync().getXid());
      case ADD_WATCH ->
          new ClientMessage.AddWatch(
              frame.getAddWatch().getXid(),
              atLeast(1, frame.getAddWatch().getWatchId(), "watch_id"),
              frame.getAddWatch().getPath());
      case REMOVE_WATCH ->
          new ClientMessage.RemoveWatch(
              frame.getRemoveWatch().getXid(),
              atLeast(1, frame.getRemoveWatch().getWatchId(), "watch_id"));
      case RESUME_WATCHES -> fromWire(frame.getResumeWatches());
      case OPEN_SESSION ->
          new ClientMessage.OpenSession(
              atLeast(1, frame.getOpenSession().getTimeoutMillis(), "timeout_millis"),
              clientName(frame.getOpenSession().getClientName()));
      case ATTACH_SESSION ->
          new ClientMessage.AttachSession(
              atLeast(1, frame.getAttachSession().getSessionId(), "session_id"),
              secret(frame.getAttachSession().getSecret()),
              atLeast(0, frame.getAttachSession().getLastZxid(), "last_zxid"));
      case CLOSE_SESSION -> new ClientMessage.CloseSession(frame.getCloseSession().getXid());
      case STATUS_QUERY -> new ClientMessage.StatusQuery(frame.getStatusQuery().getXid());
      case BODY_NOT_SET -> throw unknown("message");
    };
  }

  private static ClientMessage.Write fromWire(Wire.Write write) throws ProtocolException {
    long number = atLeast(1, write.getNumber(), "number");
    long confirmedUpTo = atLeast(0, write.getConfirmedUpTo(), "confirmed_up_to");
    if (confirmedUpTo >= number) {
      throw new ProtocolException(
          "confirmed_up_to must be less than number %d, found %d".formatted(number, confirmedUpTo));
    }
    return new ClientMessage.Write(
        write.getXid(), number, confirmedUpTo, fromWire(write.getOp(), true));
  }

  private static Wire.WriteOp toWire(WriteOp op) {
    Wire.WriteOp.Builder wire = Wire.WriteOp.newBuilder();
    switch (op.kind()) {
      case CREATE -> {
        WriteOp.Create create = (WriteOp.Create) op;
        Wire.Create.Builder builder =
            Wire.Create.newBuilder().setPath(create.path()).setMode(create.mode().wireNumber());
        byte[] data = create.data();
        if (data != null) {
          builder.setData(ByteString.copyFrom(data));
        }
        wire.setCreate(builder);
      }
      case DELETE -> {
        WriteOp.Delete delete = (WriteOp.Delete) op;
        wire.setDelete(
            Wire.Delete.newBuilder()
                .setPath(delete.path())
                .setExpectedVersion(delete.expectedVersion()));
      }
      case SET_DATA -> {
        WriteOp.SetData set = (WriteOp.SetData) op;
        Wire.SetData.Builder builder =
            Wire.SetData.newBuilder().setPath(set.path()).setExpectedVersion(set.expectedVersion());
        byte[] data = set.data();
        if (data != null) {
          builder.setData(ByteString.copyFrom(data));
        }
        wire.setSetData(builder);
      }
      case CHECK_VERSION -> {
        WriteOp.CheckVersion check = (WriteOp.CheckVersion) op;
        wire.setCheckVersion(
            Wire.CheckVersion.newBuilder()
                .setPath(check.path())
                .setExpectedVersion(check.expectedVersion()));
      }
      case CHECK_CZXID -> {
        WriteOp.CheckCzxid check = (WriteOp.CheckCzxid) op;
        wire.setCheckCzxid(
            Wire.CheckCzxid.newBuilder()
                .setPath(check.path())
                .setExpectedCzxid(check.expectedCzxid()));
      }
      case MULTI -> {
        Wire.Multi.Builder builder = Wire.Multi.newBuilder();
        for (WriteOp inner : ((WriteOp.Multi) op).ops()) {
          builder.addOps(toWire(inner));
        }
        wire.setMulti(builder);
      }
    }
    return wire.build();
  }

  private static WriteOp fromWire(Wire.WriteOp op, boolean multiAllowed) throws ProtocolException {
    return switch (op.getOpCase()) {
      case CREATE ->
          new WriteOp.Create(
              op.getCreate().getPath(),
              op.getCreate().hasData() ? op.getCreate().getData().toByteArray() : null,
              createMode(op.getCreate().getMode()));
      case DELETE ->
          new WriteOp.Delete(op.getDelete().getPath(), op.getDelete().getExpectedVersion());
      case SET_DATA ->
          new WriteOp.SetData(
              op.getSetData().getPath(),
              op.getSetData().hasData() ? op.getSetData().getData().toByteArray() : null,
              op.getSetData().getExpectedVersion());
      case CHECK_VERSION ->
          new WriteOp.CheckVersion(
              op.getCheckVersion().getPath(), op.getCheckVersion().getExpectedVersion());
      case CHECK_CZXID ->
          new WriteOp.CheckCzxid(
              op.getCheckCzxid().getPath(), op.getCheckCzxid().getExpectedCzxid());
      case MULTI -> {
        if (!multiAllowed) {
          throw new ProtocolException("a multi can't hold another multi");
        }
        yield multi(op.getMulti());
      }
      case OP_NOT_SET -> throw unknown("write operation");
    };
  }

  private static WriteOp.Multi multi(Wire.Multi multi) throws ProtocolException {
    int count = multi.getOpsCount();
    if (count == 0) {
      throw new ProtocolException("a multi needs at least one operation");
    }
    atMost(Framing.MULTI_OPS_MAX, count, "operations of a multi");
    List<WriteOp> ops = new ArrayList<>(count);
    for (Wire.WriteOp op : multi.getOpsList()) {
      ops.add(fromWire(op, false));
    }
    return new WriteOp.Multi(ops);
  }

  private static Wire.Read toWire(ClientMessage.Read read) {
    Wire.Read.Builder wire =
        Wire.Read.newBuilder()
            .setXid(read.xid())
            .setWatchId(read.watchId())
            .setLinearizable(read.linearizable());
    ReadOp op = read.op();
    if (op instanceof ReadOp.Get get) {
      wire.setGet(Wire.Get.newBuilder().setPath(get.path()));
    } else if (op instanceof ReadOp.Exists exists) {
      wire.setExists(Wire.Exists.newBuilder().setPath(exists.path()));
    } else if (op instanceof ReadOp.Children children) {
      wire.setChildren(
          Wire.Children.newBuilder()
              .setPath(children.path())
              .setAfterName(children.afterName())
              .setLimit(children.limit()));
    } else {
      throw new IllegalArgumentException("no encoding for " + op.getClass());
    }
    return wire.build();
  }

  private static ClientMessage.Read fromWire(Wire.Read read) throws ProtocolException {
    ReadOp op =
        switch (read.getOpCase()) {
          case GET -> new ReadOp.Get(read.getGet().getPath());
          case EXISTS -> new ReadOp.Exists(read.getExists().getPath());
          case CHILDREN ->
              new ReadOp.Children(
                  read.getChildren().getPath(),
                  read.getChildren().getAfterName(),
                  (int) atLeast(1, read.getChildren().getLimit(), "limit"));
          case OP_NOT_SET -> throw unknown("read operation");
        };
    return new ClientMessage.Read(
        read.getXid(), op, atLeast(0, read.getWatchId(), "watch_id"), read.getLinearizable());
  }

  private static Wire.ResumeWatches toWire(ClientMessage.ResumeWatches resume) {
    Wire.ResumeWatches.Builder wire =
        Wire.ResumeWatches.newBuilder().setXid(resume.xid()).setSinceZxid(resume.sinceZxid());
    for (ClientMessage.Registration watch : resume.watches()) {
      wire.addWatches(
          Wire.Registration.newBuilder()
              .setWatchId(watch.watchId())
              .setPath(watch.path())
              .setKind(watch.kind().wireNumber()));
    }
    return wire.build();
  }

  private static ClientMessage.ResumeWatches fromWire(Wire.ResumeWatches resume)
      throws ProtocolException {
    atMost(Framing.RESUMED_WATCHES_MAX, resume.getWatchesCount(), "watches to resume");
    List<ClientMessage.Registration> watches = new ArrayList<>(resume.getWatchesCount());
    for (Wire.Registration watch : resume.getWatchesList()) {
      watches.add(
          new ClientMessage.Registration(
              atLeast(1, watch.getWatchId(), "watch_id"),
              watch.getPath(),
              watchKind(watch.getKind())));
    }
    return new ClientMessage.ResumeWatches(
        resume.getXid(), atLeast(0, resume.getSinceZxid(), "since_zxid"), watches);
  }

  // ---- server to client ------------------------------------------------------------------------

  private static Wire.ServerFrame serverFrame(ServerMessage message) {
    Wire.ServerFrame.Builder frame = Wire.ServerFrame.newBuilder();
    if (message instanceof ServerMessage.Response response) {
      frame.setResponse(
          Wire.Response.newBuilder()
              .setXid(response.xid())
              .setZxid(response.zxid())
              .setResult(toWire(response.result())));
    } else if (message instanceof ServerMessage.Events events) {
      frame.setEvents(toWire(events));
    } else if (message instanceof ServerMessage.Pong pong) {
      frame.setPong(
          Wire.Pong.newBuilder()
              .setPingId(pong.pingId())
              .setZxid(pong.zxid())
              .setLogTimeMillis(pong.logTimeMillis()));
    } else if (message instanceof ServerMessage.SessionOpened opened) {
      frame.setSessionOpened(
          Wire.SessionOpened.newBuilder()
              .setSessionId(opened.sessionId())
              .setSecret(ByteString.copyFrom(opened.secret()))
              .setTimeoutMillis(opened.timeoutMillis())
              .setZxid(opened.zxid())
              .setMaxInFlight(opened.maxInFlight())
              .setServerId(opened.serverId()));
    } else if (message instanceof ServerMessage.SessionAttached attached) {
      frame.setSessionAttached(
          Wire.SessionAttached.newBuilder()
              .setSessionId(attached.sessionId())
              .setTimeoutMillis(attached.timeoutMillis())
              .setZxid(attached.zxid())
              .setMaxInFlight(attached.maxInFlight())
              .setServerId(attached.serverId()));
    } else if (message instanceof ServerMessage.Refused refused) {
      frame.setRefused(
          Wire.Refused.newBuilder()
              .setCode(refused.code().wireNumber())
              .setReason(refused.reason()));
    } else if (message instanceof ServerMessage.Status status) {
      frame.setStatus(toWire(status));
    } else {
      throw new IllegalArgumentException("no encoding for " + message.getClass());
    }
    return frame.build();
  }

  private static ServerMessage fromWire(Wire.ServerFrame frame) throws ProtocolException {
    return switch (frame.getBodyCase()) {
      case RESPONSE ->
          new ServerMessage.Response(
              frame.getResponse().getXid(),
              atLeast(0, frame.getResponse().getZxid(), "zxid"),
              fromWire(frame.getResponse().getResult(), true));
      case EVENTS -> fromWire(frame.getEvents());
      case PONG ->
          new ServerMessage.Pong(
              frame.getPong().getPingId(),
              atLeast(0, frame.getPong().getZxid(), "zxid"),
              frame.getPong().getLogTimeMillis());
      case SESSION_OPENED -> fromWire(frame.getSessionOpened());
      case SESSION_ATTACHED -> fromWire(frame.getSessionAttached());
      case REFUSED ->
          new ServerMessage.Refused(
              errorCode(frame.getRefused().getCode()), frame.getRefused().getReason());
      case STATUS -> fromWire(frame.getStatus());
      case BODY_NOT_SET -> throw unknown("message");
    };
  }

  private static ServerMessage.SessionOpened fromWire(Wire.SessionOpened opened)
      throws ProtocolException {
    return new ServerMessage.SessionOpened(
        atLeast(1, opened.getSessionId(), "session_id"),
        secret(opened.getSecret()),
        atLeast(1, opened.getTimeoutMillis(), "timeout_millis"),
        atLeast(0, opened.getZxid(), "zxid"),
        (int) atLeast(1, opened.getMaxInFlight(), "max_in_flight"),
        opened.getServerId());
  }

  private static ServerMessage.SessionAttached fromWire(Wire.SessionAttached attached)
      throws ProtocolException {
    return new ServerMessage.SessionAttached(
        atLeast(1, attached.getSessionId(), "session_id"),
        atLeast(1, attached.getTimeoutMillis(), "timeout_millis"),
        atLeast(0, attached.getZxid(), "zxid"),
        (int) atLeast(1, attached.getMaxInFlight(), "max_in_flight"),
        attached.getServerId());
  }

  private static Wire.Events toWire(ServerMessage.Events events) {
    Wire.Events.Builder wire = Wire.Events.newBuilder().setZxid(events.zxid());
    for (ServerMessage.Fired fired : events.fired()) {
      wire.addFired(
          Wire.Fired.newBuilder()
              .setWatchId(fired.watchId())
              .setType(fired.type().wireNumber())
              .setPath(fired.path()));
    }
    return wire.build();
  }

  private static ServerMessage.Events fromWire(Wire.Events events) throws ProtocolException {
    List<ServerMessage.Fired> fired = new ArrayList<>(events.getFiredCount());
    for (Wire.Fired one : events.getFiredList()) {
      fired.add(new ServerMessage.Fired(one.getWatchId(), eventType(one.getType()), one.getPath()));
    }
    return new ServerMessage.Events(atLeast(0, events.getZxid(), "zxid"), fired);
  }

  private static Wire.Status toWire(ServerMessage.Status status) {
    Wire.Status.Builder wire =
        Wire.Status.newBuilder()
            .setXid(status.xid())
            .setServerId(status.serverId())
            .setRole(status.role())
            .setLeaderId(status.leaderId())
            .setEpoch(status.epoch())
            .setServing(status.serving())
            .setDurableZxid(status.durableZxid())
            .setAppliedZxid(status.appliedZxid())
            .setDigest(status.digest())
            .setSnapshotZxid(status.snapshotZxid())
            .setSessions(status.sessions())
            .setConnections(status.connections())
            .setWatches(status.watches())
            .setZnodes(status.znodes())
            .setCommittedZxid(status.committedZxid())
            .setLeaderZxid(status.leaderZxid())
            .setLagEntries(status.lagEntries())
            .setLagMillis(status.lagMillis())
            .setLogTimeMillis(status.logTimeMillis())
            .setUptimeMillis(status.uptimeMillis())
            .setSnapshotAgeMillis(status.snapshotAgeMillis())
            .setStateVersion(status.stateVersion())
            .setStateVersionMax(status.stateVersionMax())
            .setReason(status.reason())
            .setAlarm(status.alarm());
    for (ServerMessage.PeerStatus peer : status.peers()) {
      wire.addPeers(
          Wire.PeerStatus.newBuilder()
              .setServerId(peer.serverId())
              .setRole(peer.role())
              .setLinkUp(peer.linkUp())
              .setState(peer.state())
              .setCounts(peer.counts())
              .setMatchZxid(peer.matchZxid())
              .setAckAgeMillis(peer.ackAgeMillis()));
    }
    return wire.build();
  }

  private static ServerMessage.Status fromWire(Wire.Status status) {
    List<ServerMessage.PeerStatus> peers = new ArrayList<>();
    for (Wire.PeerStatus peer : status.getPeersList()) {
      peers.add(
          new ServerMessage.PeerStatus(
              peer.getServerId(),
              peer.getRole(),
              peer.getLinkUp(),
              peer.getState(),
              peer.getCounts(),
              peer.getMatchZxid(),
              peer.getAckAgeMillis()));
    }
    return new ServerMessage.Status(
        status.getXid(),
        status.getServerId(),
        status.getRole(),
        status.getLeaderId(),
        status.getEpoch(),
        status.getServing(),
        status.getDurableZxid(),
        status.getAppliedZxid(),
        status.getDigest(),
        status.getSnapshotZxid(),
        status.getSessions(),
        status.getConnections(),
        status.getWatches(),
        status.getZnodes(),
        status.getCommittedZxid(),
        status.getLeaderZxid(),
        status.getLagEntries(),
        status.getLagMillis(),
        status.getLogTimeMillis(),
        status.getUptimeMillis(),
        status.getSnapshotAgeMillis(),
        status.getStateVersion(),
        status.getStateVersionMax(),
        status.getReason(),
        status.getAlarm(),
        peers);
  }

  private static Wire.Result toWire(OpResult result) {
    Wire.Result.Builder wire = Wire.Result.newBuilder();
    if (result instanceof OpResult.Data data) {
      Wire.Data.Builder builder = Wire.Data.newBuilder().setStat(toWire(data.stat()));
      byte[] bytes = data.data();
      if (bytes != null) {
        builder.setData(ByteString.copyFrom(bytes));
      }
      wire.setData(builder);
    } else if (result instanceof OpResult.DataSet set) {
      wire.setDataSet(Wire.DataSet.newBuilder().setStat(toWire(set.stat())));
    } else if (result instanceof OpResult.Created created) {
      wire.setCreated(
          Wire.Created.newBuilder().setPath(created.path()).setStat(toWire(created.stat())));
    } else if (result instanceof OpResult.Deleted) {
      wire.setDeleted(Wire.Deleted.getDefaultInstance());
    } else if (result instanceof OpResult.Failure failure) {
      wire.setFailure(
          Wire.Failure.newBuilder()
              .setCode(failure.code().wireNumber())
              .setOpIndex(failure.opIndex())
              .setExpected(failure.expected())
              .setFound(failure.found()));
    } else if (result instanceof OpResult.Existence existence) {
      Wire.Existence.Builder builder = Wire.Existence.newBuilder();
      ZnodeStat stat = existence.stat();
      if (stat != null) {
        builder.setStat(toWire(stat));
      }
      wire.setExistence(builder);
    } else if (result instanceof OpResult.ChildNames names) {
      wire.setChildNames(
          Wire.ChildNames.newBuilder()
              .addAllNames(names.names())
              .setMore(names.more())
              .setStat(toWire(names.stat())));
    } else if (result instanceof OpResult.MultiDone done) {
      Wire.MultiDone.Builder builder = Wire.MultiDone.newBuilder();
      for (OpResult inner : done.results()) {
        builder.addResults(toWire(inner));
      }
      wire.setMultiDone(builder);
    } else if (result instanceof OpResult.Checked) {
      wire.setChecked(Wire.Checked.getDefaultInstance());
    } else if (result instanceof OpResult.Done) {
      wire.setDone(Wire.Done.getDefaultInstance());
    } else {
      throw new IllegalArgumentException("no encoding for " + result.getClass());
    }
    return wire.build();
  }

  private static OpResult fromWire(Wire.Result result, boolean multiAllowed)
      throws ProtocolException {
    return switch (result.getResultCase()) {
      case DATA ->
          new OpResult.Data(
              result.getData().hasData() ? result.getData().getData().toByteArray() : null,
              fromWire(result.getData().getStat()));
      case DATA_SET -> new OpResult.DataSet(fromWire(result.getDataSet().getStat()));
      case CREATED ->
          new OpResult.Created(
              result.getCreated().getPath(), fromWire(result.getCreated().getStat()));
      case DELETED -> new OpResult.Deleted();
      case FAILURE ->
          new OpResult.Failure(
              errorCode(result.getFailure().getCode()),
              result.getFailure().getOpIndex(),
              result.getFailure().getExpected(),
              result.getFailure().getFound());
      case EXISTENCE ->
          new OpResult.Existence(
              result.getExistence().hasStat() ? fromWire(result.getExistence().getStat()) : null);
      case CHILD_NAMES ->
          new OpResult.ChildNames(
              result.getChildNames().getNamesList(),
              result.getChildNames().getMore(),
              fromWire(result.getChildNames().getStat()));
      case MULTI_DONE -> {
        if (!multiAllowed) {
          throw new ProtocolException("a multi can't hold another multi");
        }
        yield multiDone(result.getMultiDone());
      }
      case CHECKED -> new OpResult.Checked();
      case DONE -> new OpResult.Done();
      case RESULT_NOT_SET -> throw unknown("result");
    };
  }

  private static OpResult.MultiDone multiDone(Wire.MultiDone done) throws ProtocolException {
    atMost(Framing.MULTI_OPS_MAX, done.getResultsCount(), "results of a multi");
    List<OpResult> results = new ArrayList<>(done.getResultsCount());
    for (Wire.Result result : done.getResultsList()) {
      results.add(fromWire(result, false));
    }
    return new OpResult.MultiDone(results);
  }

  private static Wire.Stat toWire(ZnodeStat stat) {
    return Wire.Stat.newBuilder()
        .setCzxid(stat.czxid())
        .setMzxid(stat.mzxid())
        .setPzxid(stat.pzxid())
        .setCtimeMillis(stat.ctimeMillis())
        .setMtimeMillis(stat.mtimeMillis())
        .setVersion(stat.version())
        .setCversion(stat.cversion())
        .setAversion(stat.aversion())
        .setEphemeralOwner(stat.ephemeralOwner())
        .setDataLength(stat.dataLength())
        .setNumChildren(stat.numChildren())
        .build();
  }

  private static ZnodeStat fromWire(Wire.Stat stat) {
    return new ZnodeStat(
        stat.getCzxid(),
        stat.getMzxid(),
        stat.getPzxid(),
        stat.getCtimeMillis(),
        stat.getMtimeMillis(),
        stat.getVersion(),
        stat.getCversion(),
        stat.getAversion(),
        stat.getEphemeralOwner(),
        stat.getDataLength(),
        stat.getNumChildren());
  }

  // ---- single values ---------------------------------------------------------------------------

  private static long atLeast(long minimum, long value, String field) throws ProtocolException {
    if (value < minimum) {
      throw new ProtocolException(
          "%s must be at least %d, found %d".formatted(field, minimum, value));
    }
    return value;
  }

  private static void atMost(int maximum, int value, String what) throws ProtocolException {
    if (value > maximum) {
      throw new ProtocolException(
          ErrorCode.REQUEST_TOO_LARGE, "at most %d %s, found %d".formatted(maximum, what, value));
    }
  }

  private static String clientName(String name) throws ProtocolException {
    atMost(Framing.CLIENT_NAME_CHARS_MAX, name.length(), "characters of client_name");
    return name;
  }

  private static byte[] secret(ByteString secret) throws ProtocolException {
    if (secret.size() != Framing.SECRET_BYTES) {
      throw new ProtocolException(
          "a secret has %d bytes, found %d".formatted(Framing.SECRET_BYTES, secret.size()));
    }
    return secret.toByteArray();
  }

  private static CreateMode createMode(int number) throws ProtocolException {
    return known(CreateMode::ofWireNumber, number);
  }

  private static WatchKind watchKind(int number) throws ProtocolException {
    return known(WatchKind::ofWireNumber, number);
  }

  private static WatchEvent.Type eventType(int number) throws ProtocolException {
    return known(WatchEvent.Type::ofWireNumber, number);
  }

  private static ErrorCode errorCode(int number) throws ProtocolException {
    return known(ErrorCode::ofWireNumber, number);
  }

  private interface WireNumbered<T> {
    T ofWireNumber(int number);
  }

  private static <T> T known(WireNumbered<T> numbers, int number) throws ProtocolException {
    try {
      return numbers.ofWireNumber(number);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(ErrorCode.UNIMPLEMENTED, String.valueOf(e.getMessage()));
    }
  }

  private static ProtocolException unknown(String what) {
    return new ProtocolException(ErrorCode.UNIMPLEMENTED, "unknown kind of " + what);
  }
}
