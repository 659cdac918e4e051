package io.quorate.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.quorate.data.ErrorCode;
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
              .setOp(OperationWire.toWire(write.op())));
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
              .setPath(add.path())
              .setKind(add.kind().wireNumber()));
    } else if (message instanceof ClientMessage.Auth auth) {
      frame.setAuth(
          Wire.Auth.newBuilder()
              .setXid(auth.xid())
              .setScheme(auth.scheme())
              .setCredential(ByteString.copyFrom(auth.credential())));
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
              WireValues.atLeast(0, frame.getPing().getConfirmedUpTo(), "confirmed_up_to"));
      case SYNC -> new ClientMessage.Sync(frame.getSync().getXid());
      case ADD_WATCH ->
          new ClientMessage.AddWatch(
              frame.getAddWatch().getXid(),
              WireValues.atLeast(1, frame.getAddWatch().getWatchId(), "watch_id"),
              frame.getAddWatch().getPath(),
              WireValues.lastingWatchKind(frame.getAddWatch().getKind()));
      case AUTH ->
          new ClientMessage.Auth(
              frame.getAuth().getXid(),
              frame.getAuth().getScheme(),
              frame.getAuth().getCredential().toByteArray());
      case REMOVE_WATCH ->
          new ClientMessage.RemoveWatch(
              frame.getRemoveWatch().getXid(),
              WireValues.atLeast(1, frame.getRemoveWatch().getWatchId(), "watch_id"));
      case RESUME_WATCHES -> fromWire(frame.getResumeWatches());
      case OPEN_SESSION ->
          new ClientMessage.OpenSession(
              WireValues.atLeast(1, frame.getOpenSession().getTimeoutMillis(), "timeout_millis"),
              WireValues.clientName(frame.getOpenSession().getClientName()));
      case ATTACH_SESSION ->
          new ClientMessage.AttachSession(
              WireValues.atLeast(1, frame.getAttachSession().getSessionId(), "session_id"),
              WireValues.secret(frame.getAttachSession().getSecret()),
              WireValues.atLeast(0, frame.getAttachSession().getLastZxid(), "last_zxid"));
      case CLOSE_SESSION -> new ClientMessage.CloseSession(frame.getCloseSession().getXid());
      case STATUS_QUERY -> new ClientMessage.StatusQuery(frame.getStatusQuery().getXid());
      case BODY_NOT_SET -> throw WireValues.unknown("message");
    };
  }

  private static ClientMessage.Write fromWire(Wire.Write write) throws ProtocolException {
    long number = WireValues.atLeast(1, write.getNumber(), "number");
    long confirmedUpTo = WireValues.atLeast(0, write.getConfirmedUpTo(), "confirmed_up_to");
    if (confirmedUpTo >= number) {
      throw new ProtocolException(
          "confirmed_up_to must be less than number %d, found %d".formatted(number, confirmedUpTo));
    }
    return new ClientMessage.Write(
        write.getXid(), number, confirmedUpTo, OperationWire.fromWire(write.getOp()));
  }

  private static Wire.Read toWire(ClientMessage.Read read) {
    Wire.Read.Builder wire =
        Wire.Read.newBuilder()
            .setXid(read.xid())
            .setWatchId(read.watchId())
            .setLinearizable(read.linearizable())
            .setOp(OperationWire.toWire(read.op()));
    return wire.build();
  }

  private static ClientMessage.Read fromWire(Wire.Read read) throws ProtocolException {
    return new ClientMessage.Read(
        read.getXid(),
        OperationWire.fromWire(read.getOp()),
        WireValues.atLeast(0, read.getWatchId(), "watch_id"),
        read.getLinearizable());
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
    WireValues.atMost(Framing.RESUMED_WATCHES_MAX, resume.getWatchesCount(), "watches to resume");
    List<ClientMessage.Registration> watches = new ArrayList<>(resume.getWatchesCount());
    for (Wire.Registration watch : resume.getWatchesList()) {
      watches.add(
          new ClientMessage.Registration(
              WireValues.atLeast(1, watch.getWatchId(), "watch_id"),
              watch.getPath(),
              WireValues.watchKind(watch.getKind())));
    }
    return new ClientMessage.ResumeWatches(
        resume.getXid(), WireValues.atLeast(0, resume.getSinceZxid(), "since_zxid"), watches);
  }

  // ---- server to client ------------------------------------------------------------------------

  private static Wire.ServerFrame serverFrame(ServerMessage message) {
    Wire.ServerFrame.Builder frame = Wire.ServerFrame.newBuilder();
    if (message instanceof ServerMessage.Response response) {
      frame.setResponse(
          Wire.Response.newBuilder()
              .setXid(response.xid())
              .setZxid(response.zxid())
              .setResult(ResultWire.toWire(response.result())));
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
              WireValues.atLeast(0, frame.getResponse().getZxid(), "zxid"),
              ResultWire.fromWire(frame.getResponse().getResult()));
      case EVENTS -> fromWire(frame.getEvents());
      case PONG ->
          new ServerMessage.Pong(
              frame.getPong().getPingId(),
              WireValues.atLeast(0, frame.getPong().getZxid(), "zxid"),
              frame.getPong().getLogTimeMillis());
      case SESSION_OPENED -> fromWire(frame.getSessionOpened());
      case SESSION_ATTACHED -> fromWire(frame.getSessionAttached());
      case REFUSED ->
          new ServerMessage.Refused(
              WireValues.errorCode(frame.getRefused().getCode()), frame.getRefused().getReason());
      case STATUS -> fromWire(frame.getStatus());
      case BODY_NOT_SET -> throw WireValues.unknown("message");
    };
  }

  private static ServerMessage.SessionOpened fromWire(Wire.SessionOpened opened)
      throws ProtocolException {
    return new ServerMessage.SessionOpened(
        WireValues.atLeast(1, opened.getSessionId(), "session_id"),
        WireValues.secret(opened.getSecret()),
        WireValues.atLeast(1, opened.getTimeoutMillis(), "timeout_millis"),
        WireValues.atLeast(0, opened.getZxid(), "zxid"),
        (int) WireValues.atLeast(1, opened.getMaxInFlight(), "max_in_flight"),
        opened.getServerId());
  }

  private static ServerMessage.SessionAttached fromWire(Wire.SessionAttached attached)
      throws ProtocolException {
    return new ServerMessage.SessionAttached(
        WireValues.atLeast(1, attached.getSessionId(), "session_id"),
        WireValues.atLeast(1, attached.getTimeoutMillis(), "timeout_millis"),
        WireValues.atLeast(0, attached.getZxid(), "zxid"),
        (int) WireValues.atLeast(1, attached.getMaxInFlight(), "max_in_flight"),
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
      fired.add(
          new ServerMessage.Fired(
              one.getWatchId(), WireValues.eventType(one.getType()), one.getPath()));
    }
    return new ServerMessage.Events(WireValues.atLeast(0, events.getZxid(), "zxid"), fired);
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
}
